// LoHa against what LyCORIS and peft made of the same tensors (build/reference/lycoris_variants.py).
import { describe, expect, test } from 'vitest'
import { loha } from './loha.ts'
import { expectRecorded, expectWritten, modelOf, read, recordedOf, unpacked, type Manner, type Recorded } from './testing-recorded.ts'
import { expectTrained } from './testing-trained.ts'

const { merged, training } = recordedOf('loha')
const of = (program: string, layer: string): Recorded => merged.find((one) => one.program === program && one.layer === layer) as Recorded

describe('does what its program made of it', () => {
  const manners = (one: Recorded): Manner[] => (one.config ? ['peft', 'peft in memory'] : ['kohya', 'lycoris', 'comfyui'])
  const cases = merged.flatMap((one) => manners(one).map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    const refused = await expectWritten(module, one)
    expect(refused.map((why) => why.slice(0, 4))).toEqual(one.program.includes('dora') ? ['peft'] : [])
  })
})

test('acts as a pair of rank R², and is folded where that is wider than its weight', async () => {
  const kinds = async (program: string, layer: string) => loha.kinds(await expectRecorded(of(program, layer), 'kohya'))
  expect(await kinds('lycoris', 'conv')).toEqual(['low-rank'])
  expect(await kinds('lycoris dora', 'linear')).toEqual(['gain', 'low-rank'])
  expect(await kinds('lycoris rank 5', 'conv')).toEqual(['dense'])
  expect(await kinds('lycoris dora by input', 'conv')).toEqual(['gain', 'dense'])
})

test('refuses what is no LoHa', async () => {
  const one = of('lycoris', 'linear')
  const { '.hada_w2_b': left = one.base, ...others } = one.tensors
  const zeros = (shape: readonly number[], value = 0) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) })
  await expect(read({ ...one, tensors: others }, 'kohya')).rejects.toMatchObject({
    code: 'adapter-broken',
    message: expect.stringContaining('hada_w2_a') as unknown,
  })
  await expect(read(one, 'kohya', { '.hada_w2_b': zeros([3, 12]) })).rejects.toThrow(/ranks differ.*hada_w2_b" is \[3, 12\]/)
  await expect(read(one, 'kohya', { '.hada_w2_b': zeros([2, 12], NaN) })).rejects.toThrow(/hada_w2_b" holds NaN/)
  await expect(read(one, 'kohya', { '.hada_w2_a': zeros([20, 2]) })).rejects.toMatchObject({ code: 'adapter-family-mismatch' })
  const empty = { '.hada_w1_a': zeros([18, 0]), '.hada_w1_b': zeros([0, 12]), '.hada_w2_a': zeros([18, 0]), '.hada_w2_b': zeros([0, 12]) }
  await expect(read(one, 'kohya', empty)).rejects.toThrow(/rank of its module is 0/)
  expect(unpacked(left).shape).toEqual([2, 12])
  expect(modelOf([2, 2]).shapes.size).toBe(1)
})

test('trains as LyCORIS does: gradients of the first step, and thirty steps with AdamW', () => expectTrained(loha, training))
