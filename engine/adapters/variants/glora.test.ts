// GLoRA against what LyCORIS made of the same tensors (build/reference/lycoris_variants.py).
import { describe, expect, test } from 'vitest'
import { glora } from './glora.ts'
import { expectRecorded, expectWritten, read, recordedOf, type Manner, type Recorded } from './testing-recorded.ts'

const { merged } = recordedOf('glora')
const one = merged[0] as Recorded

/** As older versions of LyCORIS saved it. */
const exchanged = (given: Recorded): Recorded => {
  const { '.a1.weight': a1, '.a2.weight': a2, '.b1.weight': b1, '.b2.weight': b2, ...rest } = given.tensors
  if (!a1 || !a2 || !b1 || !b2) throw new Error('not a GLoRA')
  return {
    ...given,
    program: `${given.program}, exchanged`,
    tensors: { ...rest, '.a1.weight': a2, '.a2.weight': a1, '.b1.weight': b2, '.b2.weight': b1 },
  }
}

describe('does what LyCORIS made of it', () => {
  const manners: readonly Manner[] = ['kohya', 'lycoris', 'comfyui']
  const all = [...merged, ...merged.map(exchanged)]
  const cases = all.flatMap((one) => manners.map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    expect(glora.kinds(module)).toEqual([one.layer === 'conv' ? 'dense' : 'low-rank'])
    expect((await expectWritten(module, one)).map((why) => why.slice(0, 4))).toEqual(['peft'])
  })
})

test('refuses what is no GLoRA', async () => {
  const { '.b2.weight': left, ...others } = one.tensors
  const of = (shape: readonly number[], value = 0) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) })
  expect(left?.shape).toEqual([2, 12])
  await expect(read({ ...one, tensors: others }, 'kohya')).rejects.toThrow(/b1.weight" is there; a GLoRA module needs/)
  await expect(read(one, 'kohya', { '.b2.weight': of([3, 12]) })).rejects.toThrow(/ranks differ.*\[3, 12\]/)
  await expect(read(one, 'kohya', { '.b2.weight': of([2, 12], NaN) })).rejects.toThrow(/b2.weight" holds NaN/)
  await expect(read(one, 'kohya', { '.b1.weight': of([20, 2]) })).rejects.toMatchObject({ code: 'adapter-family-mismatch' })
})
