// LoKr against what LyCORIS and peft made of the same tensors (build/reference/lycoris_variants.py).
import { describe, expect, test } from 'vitest'
import { division } from '../kronecker-sizes.ts'
import { lokr } from './lokr.ts'
import { expectRecorded, expectWritten, read, recordedOf, type Manner, type Recorded } from './testing-recorded.ts'
import { expectTrained } from './testing-trained.ts'

const { merged, training, full } = recordedOf('lokr')
const of = (program: string, layer: string): Recorded => merged.find((one) => one.program === program && one.layer === layer) as Recorded

describe('does what its program made of it', () => {
  const manners = (one: Recorded): Manner[] => (one.config ? ['peft', 'peft in memory'] : ['kohya', 'lycoris', 'comfyui'])
  const cases = merged.flatMap((one) => manners(one).map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    const refused = await expectWritten(module, one)
    expect(refused.map((why) => why.slice(0, 4))).toEqual(/dora|unbalanced/.test(one.program) ? ['peft'] : [])
  })
})

test('acts as a pair where its second factor is a product, and is folded where that is wider than the weight, or both are whole', async () => {
  const kinds = async (program: string, layer: string) => lokr.kinds(await expectRecorded(of(program, layer), 'kohya'))
  expect(await kinds('lycoris factor 2', 'linear')).toEqual(['low-rank'])
  expect(await kinds('lycoris tucker', 'conv')).toEqual(['low-rank'])
  expect(await kinds('lycoris dora', 'conv')).toEqual(['gain', 'low-rank'])
  expect(await kinds('lycoris full', 'linear')).toEqual(['dense'])
  expect(await kinds('lycoris full dora', 'linear')).toEqual(['gain', 'dense'])
})

test('two whole factors have no scale in LyCORIS and alpha / r in PEFT, whatever alpha stands beside them', async () => {
  const one = of('lycoris full', 'linear')
  const huge = { '.alpha': { shape: [], data: Float32Array.of(9999999999) } }
  expect((await read(one, 'kohya', huge)).modules[0]).toMatchObject({ alpha: 1 })
  expect((await read(of('peft full', 'linear'), 'peft')).modules[0]?.alpha).toBeCloseTo(3 / 16, 6)
})

test.each([
  [320, -1, [16, 20]],
  [1280, 8, [8, 160]],
  [360, 16, [15, 24]],
  [250, 8, [5, 50]],
  [127, -1, [1, 127]],
  [64, 32, [2, 32]],
] as const)('%i divided by %i', (size, factor, expected) => {
  expect(division([size, 1], factor)).toMatchObject({ first: [expected[0], 1], second: [expected[1], 1] })
})

test('refuses what is no LoKr', async () => {
  const one = of('lycoris factor 2', 'linear')
  const { '.lokr_w2_b': left, ...others } = one.tensors
  const of2 = (shape: readonly number[], value = 0) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) })
  expect(left?.shape).toEqual([2, 6])
  await expect(read({ ...one, tensors: others }, 'kohya')).rejects.toThrow(/lokr_w2_a" is there; a LoKr module needs/)
  await expect(read(one, 'kohya', { '.lokr_w2_b': of2([3, 6]) })).rejects.toThrow(/ranks differ.*lokr_w2_b" is \[3, 6\]/)
  await expect(read(one, 'kohya', { '.lokr_w1': of2([5, 2]) })).rejects.toMatchObject({
    code: 'adapter-family-mismatch',
    message: expect.stringContaining('a first factor of [5, 2], which does not divide its weight of [18, 12]') as unknown,
  })
  await expect(read(one, 'kohya', { '.lokr_w1': of2([0, 2]) })).rejects.toMatchObject({ code: 'adapter-family-mismatch' })
  await expect(read(one, 'kohya', { '.lokr_w1': of2([2, 2], NaN) })).rejects.toThrow(/lokr_w1" holds NaN/)
  await expect(read(one, 'kohya', { '.lokr_w2_a': of2([9, 0]), '.lokr_w2_b': of2([0, 6]) })).rejects.toThrow(/rank of its module is 0/)
})

test('trains as LyCORIS does: gradients of the first step, and thirty steps with AdamW', () => expectTrained(lokr, training))
test('trains two whole factors, whose scale is 1', () => expectTrained(lokr, full))
