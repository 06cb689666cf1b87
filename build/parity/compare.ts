// All checks of a recorded case, in every layout that it has.
import { Model } from '../../engine/sessions/open-model.ts'
import { text, unet, vae } from './forward.ts'
import { fullGradients, loraGradients, training } from './gradients.ts'
import { img2img } from './img2img.ts'
import type { Measure, Setting } from './measure.ts'
import { pipeline } from './pipeline.ts'
import type { Check, RecordedCase } from './recorded-case.ts'

export interface CompareOptions {
  readonly threads?: number
  /** Which kinds of check; default: all. */
  readonly only?: readonly Check['kind'][]
}

/** Opens the case in one layout and runs its checks one after another. */
export async function* compare(recorded: RecordedCase, layout: string, { threads, only }: CompareOptions = {}): AsyncGenerator<Measure> {
  const path = recorded.layouts[layout]
  if (!path) throw new Error(`The case ${recorded.name} has no layout "${layout}"`)
  // Neither the vocabulary nor the noise schedule stands in a single file: there the user has to say it.
  const { tokenizer, prediction, scheduler } = recorded
  const said = layout === 'single-file' ? { tokenizer, prediction, scheduler } : {}
  await using model = await Model.open(path, { ...said, ...(threads ? { threads } : {}) })
  for (const check of recorded.checks) if (!only || only.includes(check.kind)) yield* await measure({ recorded, layout, model }, check)
}

function measure(setting: Setting, check: Check): Promise<Measure[]> {
  switch (check.kind) {
    case 'unet':
      return unet(setting, check)
    case 'text':
      return text(setting, check)
    case 'vae-encode':
    case 'vae-decode':
      return vae(setting, check)
    case 'lora-gradients':
      return loraGradients(setting, check)
    case 'full-gradients':
      return fullGradients(setting, check)
    case 'lora-training':
      return training(setting, check)
    case 'pipeline':
      return pipeline(setting, check)
    case 'img2img':
      return img2img(setting, check)
  }
}
