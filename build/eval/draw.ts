// Pictures of prompts by a model under a stack: the one way in which every measure draws.
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { generateRequest, type GenerateRequest } from '../../engine/requests/generate.ts'
import { generate } from '../../engine/generate.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedDefaults } from '../../main/places/embedded-defaults.ts'
import { embeddedModel } from '../../main/places/embedded.ts'
import type { Drawn, Prompt } from './measures.ts'

export const threads = Number(process.env.PIGMENT_THREADS ?? 2)

/** The model of `--model`, by default the embedded one. */
export const openModel = (path = embeddedModel()): Promise<Model> => Model.open(path, { provider: 'cpu', threads })

/** The settings of every measure, the demo's own: of the model by itself, and with adapters. */
export const settings = { steps: 16, sampler: 'ddim', ...embeddedDefaults.guidance.alone } as const
export const stackedSettings = { ...settings, ...embeddedDefaults.guidance.stacked } as const

/** Draws each prompt; prompt n has seed `seed` + n. */
export async function draw(
  model: Model,
  prompts: readonly Prompt[],
  stack: readonly StackEntry[] = [],
  seed = 1,
  drawnWith: Partial<GenerateRequest> = stack.length > 0 ? stackedSettings : settings,
): Promise<Drawn[]> {
  const drawn: Drawn[] = []
  for (const [n, prompt] of prompts.entries()) {
    const request = generateRequest.parse({ prompt: prompt.text, seed: seed + n, ...drawnWith })
    drawn.push({ ...prompt, rgb: (await drain(generate(model, request, { stack }), () => {})).rgb })
  }
  return drawn
}
