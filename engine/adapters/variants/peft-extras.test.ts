// VeRA, FourierFT, LoRA with biases and OLoRA against what peft made of the same tensors (build/reference/peft_variants.py).
import { describe, expect, test } from 'vitest'
import { expectRecorded, expectWritten, read, recordedOf, type Manner, type Recorded } from './testing-recorded.ts'

/** In memory the adapter's name stands in the midst of a pair's. */
const manners = (name: string): readonly Manner[] => (name === 'vera' || name === 'fourierft' ? ['peft', 'peft in memory'] : ['peft'])
const refused = /^peft: .*(where a seed said|names|depends on the weights)|^kohya: /

describe.each(['vera', 'fourierft', 'lora-bias', 'olora'])('%s does what peft made of it, and is written so or refused', (name) => {
  const cases = recordedOf(name).merged.flatMap((one) =>
    manners(name).map((manner) => [`${one.program} ${one.layer}, ${manner}`, one, manner] as const),
  )
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    expect(module.variant).toBe(name)
    for (const refusal of await expectWritten(module, one)) expect(refusal).toMatch(refused)
  })
})

const first = (name: string): Recorded => recordedOf(name).merged[0] as Recorded

test('refuses by name what only a config tells, where there is none', async () => {
  const [fourier, { shared: _, ...vera }] = [first('fourierft'), first('vera')]
  await expect(read({ ...fourier, config: { peft_type: 'FOURIERFT', scaling: 1 } }, 'peft')).rejects.toMatchObject({
    code: 'adapter-unsupported',
    message: expect.stringContaining('random_loc_seed') as string,
  })
  await expect(read({ ...vera, config: { peft_type: 'VERA' } }, 'peft')).rejects.toMatchObject({
    code: 'adapter-unsupported',
    message: expect.stringMatching(/projection_prng_key.*save_projection=True/) as string,
  })
})

test('refuses random matrices of another size, and OLoRA together with DoRA', async () => {
  const [vera, olora] = [first('vera'), first('olora')]
  const small = { ...vera, shared: { ...vera.shared, 'base_model.vera_A': { shape: [2, 2], data: Buffer.alloc(16).toString('base64') } } }
  await expect(read(small, 'peft')).rejects.toThrow(/do not hold those of a layer of \[18, 12\] at rank 3/)
  await expect(read({ ...olora, config: { ...olora.config, use_dora: true } }, 'peft')).rejects.toThrow(/olora.*use_dora/)
})
