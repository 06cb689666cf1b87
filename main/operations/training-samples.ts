// Pictures with fixed prompts and seeds that a training run draws as it goes.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { fillTrigger } from '../../engine/adapters/triggers.ts'
import type { PngText } from '../../engine/images/formats/png-text.ts'
import { readPictureText } from '../../engine/images/picture-text.ts'
import type { Picture } from '../../engine/images/picture.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { OperationContext } from '../processes/operation.ts'
import { drain } from './drain.ts'
import type { TrainingEvent } from './events.ts'

export interface SamplePlan {
  readonly folder: string
  readonly prompts: readonly string[]
  readonly seed: number
  /** Steps between; 0 only on demand. */
  readonly every: number
  readonly steps: number
  readonly cfg: number
  /** Where the model draws by itself. */
  readonly baseCfg: number
  readonly adapterGuidance: number
  readonly guidanceStop: number
}

const sampleName = /^\d{7}-\d+\.png$/

/** Those of an earlier run of the same name: the sheet would show them among these. */
export async function clearSamples(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (sampleName.test(name)) await rm(join(folder, name), { force: true })
}

interface Said {
  readonly prompt: string
  readonly seed: number
}

const keyword = 'pigment-sample'
const ofSample = ({ prompt, seed }: Said): PngText => ({ keyword, text: JSON.stringify({ prompt, seed }) })

/** Its prompt and seed stand in the file. */
export const writeSample = (path: string, picture: Picture, said: Said): Promise<void> => writePng(path, picture, [ofSample(said)])

/** Whether a sample was drawn by another prompt or seed: of a run that was stopped and went on with others. One that does not say is taken for this. */
export async function isOfAnother(path: string, asked: Said): Promise<boolean> {
  const said = (await readPictureText(await readFile(path), path)).find((text) => text.keyword === keyword)?.text
  return said !== undefined && said !== ofSample(asked).text
}

/** One of each prompt; without an adapter as the model draws by itself. */
export async function drawSamples(
  model: Model,
  adapter: Adapter | undefined,
  step: number,
  samples: SamplePlan,
  trigger: string,
  context: Pick<OperationContext<TrainingEvent>, 'signal' | 'emit'>,
): Promise<void> {
  const { generate } = await import('../../engine/generate.ts')
  try {
    for (const [promptIndex, prompt] of samples.prompts.entries()) {
      if (context.signal.aborted) return
      const seed = samples.seed + promptIndex
      const request = generateRequest.parse({
        prompt: fillTrigger(prompt, trigger.trim()),
        steps: samples.steps,
        cfg: adapter ? samples.cfg : samples.baseCfg,
        adapterGuidance: samples.adapterGuidance,
        guidanceStop: adapter ? samples.guidanceStop : 1,
        seed,
      })
      const stack = adapter ? [{ adapter, weight: 1, enabled: true }] : []
      const { rgb, width, height } = await drain(generate(model, request, { stack, signal: context.signal }), (event) => {
        if (event.type === 'warning') context.emit(event)
      })
      const out = join(samples.folder, `${String(step).padStart(7, '0')}-${promptIndex}.png`)
      await writeSample(out, { width, height, data: rgb }, { prompt, seed })
      context.emit({ type: 'sampled', step, prompt, promptIndex, seed, out })
    }
  } catch (error) {
    // A sample that fails must not cost the run; a stop is seen by the training itself at its next step.
    if (!context.signal.aborted)
      context.emit({
        type: 'warning',
        code: 'sample-failed',
        message: `No sample at step ${step}: ${String((error as Error).message)}`,
        facts: { step },
      })
  } finally {
    await model.release('unet', 'decoder', 'text_encoder', 'text_encoder_2')
  }
}
