// What is measured of an entrant once it is trained: pictures that were not trained on, pictures in the style, and what it did to everything else.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from '../../../engine/adapters/adapter.ts'
import { fillTrigger } from '../../../engine/adapters/triggers.ts'
import type { StackEntry } from '../../../engine/adapters/stack.ts'
import { scanDataset, type Dataset } from '../../../engine/datasets/dataset.ts'
import { heldOut } from '../../../engine/datasets/held-out.ts'
import type { Generated } from '../../../engine/generate.ts'
import { writePng } from '../../../engine/images/write-png.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import type { RaceGround, RaceRow } from '../../../engine/requests/race.ts'
import type { TrainRequest } from '../../../engine/requests/train.ts'
import type { Model } from '../../../engine/sessions/open-model.ts'
import type { Probe } from '../../../engine/training/probes.ts'
import { defaultsOf, isEmbedded } from '../../places/model-defaults.ts'
import { promptOf, scoredConcepts, type SampleStyle } from '../demo-styles.ts'
import { drain } from '../drain.ts'
import { styleScore } from '../style-score.ts'
import { styleOfSet } from './style-of-set.ts'
import type { RaceGiven } from './task.ts'

/** So many pictures and captions are measured on; more would take longer than they tell. */
const most = 12
/** Pictures in a run. */
const together = 8
/** What a model draws without any style. */
const neutral = [
  'a photo of a cat',
  'a red apple on a table',
  'a portrait of a woman',
  'a house by a lake',
  'a bicycle',
  'a bowl of soup',
] as const

export interface Ground {
  readonly dataset: Dataset
  /** The pictures that are measured on, and whether training saw them. */
  readonly measured: Dataset
  readonly seen: boolean
  readonly style: SampleStyle | undefined
  readonly prompts: readonly string[]
  /** What is drawn without the style, and held against the model alone. */
  readonly neutral: readonly string[]
}

/** The pictures of a race. Throws dataset errors. */
export const picturesOf = (race: RaceGiven, signal: AbortSignal): Promise<Dataset> =>
  scanDataset(race.dataset, { missingCaption: race.captionPolicy, ...(race.trigger ? { trigger: race.trigger } : {}), signal })

export function groundOf(race: Pick<RaceGiven, 'prompts' | 'trigger' | 'model'>, dataset: Dataset, share: number): Ground {
  const { apart } = heldOut(dataset.pictures, share)
  const seen = apart.length === 0
  const captions = dataset.pictures.map(({ caption }) => caption)
  const style = isEmbedded(race.model) ? styleOfSet(captions) : undefined
  const concepts = style ? scoredConcepts.map((concept) => promptOf(concept, [style])) : spread([...new Set(captions)].filter(Boolean), 4)
  const prompts = race.prompts.map((prompt) => fillTrigger(prompt, race.trigger?.trim() ?? ''))
  return {
    dataset,
    measured: { ...dataset, pictures: spread(seen ? dataset.pictures : apart, most) },
    seen,
    style,
    prompts: [...prompts, ...concepts],
    neutral: style ? scoredConcepts.slice(0, neutral.length).map((concept) => promptOf(concept)) : neutral,
  }
}

const spread = <T>(all: readonly T[], count: number): T[] =>
  Array.from(
    { length: Math.min(count, all.length) },
    (_, n) => all[Math.floor(((n + 0.5) * all.length) / Math.min(count, all.length))] as T,
  )

/** Draws and measures; pictures lie in `folder` afterwards. */
export async function measure(
  model: Model,
  adapter: Adapter | undefined,
  { race, request, at, folder, signal }: { race: RaceGiven; request: TrainRequest; at: Ground; folder: string; signal: AbortSignal },
): Promise<Pick<RaceRow, 'heldOut' | 'style' | 'forgetting' | 'pictures'>> {
  const { ask, drift } = await import('../../../engine/training/probes.ts')
  const stack: readonly StackEntry[] = adapter ? [{ adapter, weight: 1, enabled: true }] : []
  const own = await ask(model, stack, await probesOfPictures(model, request, at), race.seed)
  const draw = painter(model, race, signal)
  // Where the model stands without the style: its own drawings, about which it is asked with and without the adapter.
  const plain = await draw(at.neutral, [])
  const probes = plain.map(({ latents, width, height }, i): Probe => {
    const size = { width, height }
    return { latents, caption: at.neutral[i] ?? '', sizes: { original: size, drawn: size } }
  })
  const base = await ask(model, [], probes, race.seed)
  const forgetting = adapter ? drift((await ask(model, stack, probes, race.seed)).outputs, base.outputs) : 0
  const drawn = await draw(at.prompts, stack)
  const pictures: string[] = []
  for (const [i, { rgb, width, height }] of drawn.slice(0, shownOf(at)).entries()) {
    const file = join(folder, `${i}.png`)
    await writePng(file, { width, height, data: rgb })
    pictures.push(file)
  }
  const { style } = at
  const judged = style ? { style: styleScore(drawn.slice(-scoredConcepts.length).map(({ rgb }) => rgb), style.judged) } : {} // prettier-ignore
  return { heldOut: own.loss, ...judged, forgetting, pictures }
}

/** So many of the pictures are kept to be looked at. */
export const shownOf = ({ prompts }: Ground): number => Math.min(prompts.length, 8)

async function probesOfPictures(model: Model, request: TrainRequest, { measured }: Ground): Promise<Probe[]> {
  const { prepareTraining } = await import('../../../engine/training/prepare-training.ts')
  const { pictures } = await drain(prepareTraining(model, measured, { ...request, flip: false }), () => undefined)
  const { outChannels } = model.checkpoint.unet.config
  return pictures.map(({ bucket, original, caption, plain }) => ({
    latents: { shape: [1, outChannels, bucket.height / model.pixelFactor, bucket.width / model.pixelFactor], data: plain.mean },
    caption,
    sizes: { original, drawn: bucket },
  }))
}

/** Pictures with seeds one after another, the same for every entrant. */
function painter(model: Model, { seed, sampleSteps, resolution, model: path }: RaceGiven, signal: AbortSignal) {
  return async (prompts: readonly string[], stack: readonly StackEntry[]): Promise<Generated[]> => {
    const { generateTogether } = await import('../../../engine/generate.ts')
    const size = resolution === undefined ? {} : { width: resolution, height: resolution }
    const request = generateRequest.parse({
      prompt: '',
      steps: sampleSteps,
      ...size,
      ...defaultsOf(path, model.checkpoint.family).guidance[stack.length > 0 ? 'stacked' : 'alone'],
    })
    const asked = prompts.map((prompt, i) => ({ prompt, seed: seed + i }))
    const drawn: Generated[] = []
    for (let i = 0; i < asked.length; i += together)
      drawn.push(...(await drain(generateTogether(model, request, asked.slice(i, i + together), { stack, signal }), () => undefined)))
    return drawn
  }
}

/** A row that was written down, with what it was measured on. */
export interface Written {
  readonly row: RaceRow
  readonly ground: RaceGround
}

/** One of the same race. */
export async function keptRow(file: string, asked: string): Promise<Written | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Written & { asked?: string }
    return kept.asked === asked ? kept : undefined
  } catch {
    return undefined
  }
}
