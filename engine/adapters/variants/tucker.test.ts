// LoCon with a middle tensor against what LyCORIS made of the same tensors (build/reference/lycoris_variants.py).
import { describe, expect, test } from 'vitest'
import { expectRecorded, expectWritten, read, recordedOf, type Manner, type Recorded } from './testing-recorded.ts'

const { merged } = recordedOf('tucker')
const one = merged[0] as Recorded

describe('does what LyCORIS made of it', () => {
  const manners: readonly Manner[] = ['kohya', 'lycoris', 'comfyui']
  const cases = merged.flatMap((one) => manners.map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    expect(module.variant).toBe('tucker')
    expect((await expectWritten(module, one)).map((why) => why.slice(0, 4))).toEqual(['peft'])
  })
})

test('refuses what has no fitting middle', async () => {
  const { '.lora_up.weight': left, ...others } = one.tensors
  const of = (shape: readonly number[], value = 0) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) })
  expect(left?.shape).toEqual([12, 2, 1, 1])
  await expect(read({ ...one, tensors: others }, 'kohya')).rejects.toThrow(/lora_mid.weight" is there; a module with a middle tensor needs/)
  await expect(read(one, 'kohya', { '.lora_mid.weight': of([2, 3, 3, 3]) })).rejects.toThrow(/ranks differ.*\[2, 3, 3, 3\]/)
  await expect(read(one, 'kohya', { '.lora_mid.weight': of([2, 2, 3, 3], NaN) })).rejects.toThrow(/lora_mid.weight" holds NaN/)
  await expect(read(one, 'kohya', { '.lora_mid.weight': of([2, 2, 5, 5]) })).rejects.toMatchObject({ code: 'adapter-family-mismatch' })
})
