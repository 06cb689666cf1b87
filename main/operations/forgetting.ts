// What a run unlearns: the same prompts, which say nothing of what is trained, drawn with the same noise by the model alone and under the adapter. How
// far the two are apart is told at each measurement, and kept beside the adapter with a strip of the pictures.
import { readFile } from 'node:fs/promises'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import type { Generated } from '../../engine/generate.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { defaultsOf, isEmbedded } from '../places/model-defaults.ts'
import type { OperationContext } from '../processes/operation.ts'
import { drain } from './drain.ts'
import type { ForgettingPoint } from '../api/methods/training.ts'
import type { TrainingEvent } from './events.ts'
import type { TrainGiven } from './train.ts'
import { judgeStyle, pictureFeatures } from './style-score.ts'

/** What lies beside the adapter. */
interface ForgettingRecord {
  readonly prompts: readonly string[]
  readonly seed: number
  readonly steps: number
  readonly points: readonly ForgettingPoint[]
}

const general = [
  'a photo of a person',
  'a cat',
  'a house by a lake',
  'a cup on a table',
  'an oil painting of a ship',
  'a pencil sketch of a horse',
  'a watercolor of a garden',
  'a 3d render of a robot',
] as const
/** Concepts and manners that the embedded model knows, none of which is in a sample set. */
const embedded = [
  'emoji of penguin',
  'emoji of rocket',
  'emoji of umbrella',
  'emoji of sunflower',
  'outlined emoji of castle',
  'flat emoji of guitar',
  'pale flat emoji of mushroom',
  'line drawn emoji of frog',
] as const

const [seed, steps] = [1000, 12]

export class ForgettingMeter {
  readonly #files: { readonly json: string; readonly png: string }
  readonly #prompts: readonly string[]
  readonly #path: string | undefined
  readonly #isEmbedded: boolean
  /** Pictures are drawn as large as they are learnt. */
  readonly #side: number | undefined
  #alone: readonly Generated[] | undefined

  /** `stem`: of the adapter's file. */
  constructor(stem: string, { model: modelPath, resolution: side }: Pick<TrainGiven, 'model' | 'resolution'>) {
    this.#side = side
    this.#files = { json: `${stem}.forgetting.json`, png: `${stem}.forgetting.png` }
    this.#path = modelPath
    this.#isEmbedded = isEmbedded(modelPath)
    this.#prompts = this.#isEmbedded ? embedded : general
  }

  /** A measurement that fails costs itself, and not the run. */
  async measure(
    model: Model,
    step: number,
    adapter: Adapter,
    { signal, emit }: Pick<OperationContext<TrainingEvent>, 'signal' | 'emit'>,
  ): Promise<void> {
    try {
      this.#alone ??= await this.#draw(model, signal)
      const under = await this.#draw(model, signal, adapter)
      const point = { step, ...driftOf(this.#alone, under), ...(this.#isEmbedded ? { restyled: restyled(this.#alone, under) } : {}) }
      const strip = await contactSheet(
        [this.#alone, under].map((row) => row.map(pictureOf)),
        {
          rows: ['before', `step ${step}`],
          columns: this.#prompts,
        },
      )
      await writePng(this.#files.png, strip)
      const points = [...(await this.#known()).filter((one) => one.step < step), point]
      const record: ForgettingRecord = { prompts: this.#prompts, seed, steps, points }
      await writeFileAtomic(this.#files.json, new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`))
      emit({ type: 'forgetting', ...point, out: this.#files.png })
    } catch (error) {
      // A stop is seen by the training itself at its next step.
      if (signal.aborted) return
      const message = `Forgetting was not measured at step ${step}: ${String((error as Error).message)}`
      emit({ type: 'warning', code: 'forgetting-failed', message, facts: { step } })
    } finally {
      await model.release('unet', 'decoder', 'text_encoder', 'text_encoder_2')
    }
  }

  /** By one guidance and one noise, so that the adapter alone makes the difference. */
  async #draw(model: Model, signal: AbortSignal, adapter?: Adapter): Promise<readonly Generated[]> {
    const { generateTogether } = await import('../../engine/generate.ts')
    const request = generateRequest.parse({
      prompt: '',
      steps,
      width: this.#side,
      height: this.#side,
      ...defaultsOf(this.#path, model.checkpoint.family).guidance.alone,
    })
    const pictures = this.#prompts.map((prompt, i) => ({ prompt, seed: seed + i }))
    const stack = adapter ? [{ adapter, weight: 1, enabled: true }] : []
    return drain(generateTogether(model, request, pictures, { stack, signal }), () => undefined)
  }

  /** Of this run, before it was stopped. */
  async #known(): Promise<readonly ForgettingPoint[]> {
    const text = await readFile(this.#files.json, 'utf8').catch(() => '{}')
    try {
      return (JSON.parse(text) as Partial<ForgettingRecord>).points ?? []
    } catch {
      return []
    }
  }
}

const pictureOf = ({ rgb, width, height }: Generated) => ({ width, height, data: rgb })

/** Means over the pictures of both. */
export function driftOf(alone: readonly Generated[], under: readonly Generated[]): Pick<ForgettingPoint, 'latents' | 'features'> {
  const mean = (of: (before: Generated, now: Generated) => number): number =>
    alone.reduce((sum, before, i) => sum + of(before, under[i] ?? before), 0) / Math.max(1, alone.length)
  return {
    latents: mean((before, now) => relativeL2(now.latents.data, before.latents.data)),
    features: mean((before, now) => relativeL2(pictureFeatures(pictureOf(now)), pictureFeatures(pictureOf(before)))),
  }
}

const restyled = (alone: readonly Generated[], under: readonly Generated[]): number =>
  alone.filter(({ rgb }, i) => judgeStyle(rgb) !== judgeStyle(under[i]?.rgb ?? rgb)).length / Math.max(1, alone.length)
