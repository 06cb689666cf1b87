// AdaLoRA against what peft made of the same tensors (build/reference/lycoris_variants.py).
import { describe, expect, test } from 'vitest'
import { expectRecorded, expectWritten, read, recordedOf, type Manner, type Recorded } from './testing-recorded.ts'

const { merged } = recordedOf('adalora')
const of = (program: string, layer: string): Recorded => merged.find((one) => one.program === program && one.layer === layer) as Recorded

describe('does what peft made of it, also as the LoRA that it is written as', () => {
  const manners: readonly Manner[] = ['peft', 'peft in memory']
  const cases = merged.flatMap((one) => manners.map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    expect(module.variant).toBe('adalora')
    expect(await expectWritten(module, one)).toEqual([])
  })
})

test('its scale is that of the rank that it began with', async () => {
  const [module] = (await read(of('peft pruned', 'point'), 'peft')).modules
  expect(module?.tensors.diagonal?.shape).toEqual([1, 1])
  expect(module?.alpha).toBeCloseTo(3 / (4 + 1e-5), 9)
})

test('refuses what is no AdaLoRA', async () => {
  const one = of('peft', 'linear')
  const { '.lora_B': left, ...others } = one.tensors
  const of2 = (shape: readonly number[], value = 0) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) })
  expect(left?.shape).toEqual([18, 4])
  await expect(read({ ...one, tensors: others }, 'peft')).rejects.toThrow(/lora_E" is there; an AdaLoRA module needs/)
  await expect(read(one, 'peft', { '.lora_E': of2([3, 1]) })).rejects.toThrow(/ranks differ.*lora_E" is \[3, 1\]/)
  await expect(read(one, 'peft', { '.lora_E': of2([4, 1], Infinity) })).rejects.toThrow(/lora_E" holds Infinity/)
  const none = { '.lora_A': of2([0, 12]), '.lora_B': of2([18, 0]), '.lora_E': of2([0, 1]) }
  await expect(read(one, 'peft', none)).rejects.toThrow(/rank of its module is 0/)
})
