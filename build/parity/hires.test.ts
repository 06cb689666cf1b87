// On a model whose answers depend on what it is told, which one of fresh weights is not.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { generateTogether } from '../../engine/generate.ts'
import { generateRequest, type ConditionOptions } from '../../engine/requests/generate.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { RecordedCase } from './recorded-case.ts'

test('the larger picture has a sampler, schedule, guidance and prompts of its own where they are told; the same ones change nothing', async () => {
  await using reference = await RecordedCase.open(fileURLToPath(new URL('../../engine/fixtures/reference/sd1-eps', import.meta.url)))
  await using model = await Model.open(reference.layouts.diffusers ?? '', { threads: 1 })
  const told = { prompt: 'the old house', negative: 'rain', width: 32, height: 32, sampler: 'euler', steps: 2, cfg: 5 }
  const warned: string[] = []
  const drawn = async (more: ConditionOptions, pictures = [{ prompt: told.prompt, seed: 1 }]) => {
    const making = generateTogether(model, generateRequest.parse({ ...told, conditions: { hiresScale: 1.5, ...more } }), pictures)
    for (;;) {
      const { done, value } = await making.next()
      if (done) return value[0]?.latents.data ?? new Float32Array()
      if (value.type === 'warning') warned.push(value.message)
    }
  }
  const usual = await drawn({})
  expect(relativeL2(await drawn({ hiresSampler: 'Euler', hiresCfg: 5, hiresPrompt: told.prompt, hiresSchedule: '' }), usual)).toBe(0)
  const others: ConditionOptions[] = [
    { hiresSampler: 'Euler a' },
    { hiresSchedule: 'Karras' },
    { hiresCfg: 1 },
    { hiresPrompt: 'a red fox' },
    { hiresNegative: 'snow' },
  ]
  for (const more of others) expect([more, relativeL2(await drawn(more), usual) > 1e-3]).toEqual([more, true])
  expect(warned).toEqual([])
  await drawn({ hiresPrompt: 'a __colour__ fox' })
  expect(warned).toEqual([expect.stringContaining('__colour__')])
  // Those that are drawn together keep to their own prompts.
  expect(relativeL2(await drawn({}, [{ prompt: 'a red fox', seed: 1 }]), usual)).toBeGreaterThan(1e-3)
})
