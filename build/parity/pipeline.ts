// Whole pictures against diffusers' pipelines: tokenizer, text encoders, sampler, guidance, decoder, and every file form of an adapter.
import { join } from 'node:path'
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { generate, type Generated } from '../../engine/generate.ts'
import { distance, type Measure, type Setting } from './measure.ts'
import type { PipelineCheck } from './recorded-case.ts'

export async function pipeline(setting: Setting, check: PipelineCheck): Promise<Measure[]> {
  const { recorded, model } = setting
  const measures: Measure[] = [{ check: check.name, what: 'token ids', error: await wrongIds(setting, check), bar: 0 }]
  // Each form of the first adapter, with the first form of the others.
  const [first, ...others] = check.adapters
  for (const form of first?.files ?? ['']) {
    const chosen = first
      ? [{ file: form, weight: first.weight }, ...others.map(({ files, weight }) => ({ file: files[0] ?? '', weight }))]
      : []
    const stack: StackEntry[] = []
    for (const { file, weight } of chosen)
      stack.push({ adapter: await readAdapter(join(recorded.folder, file), model.modules), weight, enabled: true })
    for (const mode of first ? (['stacked', 'folded'] as const) : (['stacked'] as const)) {
      const { latents, pixels } = await picture(setting, check, stack, mode)
      const with_ = first ? ` (${form}, ${mode})` : ''
      measures.push(
        {
          check: check.name,
          what: `final latents${with_}`,
          error: distance(latents, await recorded.output(check, 'final')),
          bar: check.tolerance,
        },
        { check: check.name, what: `image${with_}`, error: distance(pixels, await recorded.output(check, 'image')), bar: check.tolerance },
      )
    }
  }
  return measures
}

async function picture(
  { recorded, model }: Setting,
  check: PipelineCheck,
  stack: readonly StackEntry[],
  mode: 'stacked' | 'folded',
): Promise<Generated> {
  const { prompt, negative, width, height, steps, sampler, guidance: cfg } = check
  const request = generateRequest.parse({ prompt, negative, width, height, steps, sampler, cfg, mode })
  const events = generate(model, request, { stack, noise: await recorded.input(check, 'latents') })
  for (;;) {
    const { done, value } = await events.next()
    if (done) return value
    if (value.type === 'warning') throw new Error(value.message)
  }
}

/** Recorded ids that our tokenizer does not give. */
async function wrongIds({ recorded, model }: Setting, check: PipelineCheck): Promise<number> {
  let wrong = 0
  for (const [i, { config }] of model.checkpoint.textEncoders.entries())
    for (const [role, words] of [
      ['ids', check.prompt],
      ['negativeIds', check.negative],
    ] as const) {
      const { data } = await recorded.input(check, i === 0 ? role : `${role}2`)
      const ids = model.tokenizer.frame(words, config.positions, config.padId)
      wrong += data.filter((id, k) => id !== ids[k]).length
    }
  return wrong
}
