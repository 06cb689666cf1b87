// What a finished run says of itself in its file.
import { trainingMetadata, type TrainedBuckets, type TrainedFolder, type TrainingRecord } from '../../engine/adapters/metadata.ts'
import { bucketFitter, trainingBuckets, type BucketOptions } from '../../engine/datasets/buckets.ts'
import type { Dataset } from '../../engine/datasets/dataset.ts'
import { tagFrequency } from '../../engine/datasets/tags.ts'
import { lossOf } from '../../engine/training/losses/loss.ts'
import { lossWeightOf } from '../../engine/training/loss-weights/loss-weight.ts'
import { courseOf } from '../../engine/training/courses/course.ts'
import { convShape, slides } from '../../engine/training/layer-choice.ts'
import { maskingOf } from '../../engine/training/masks/mask.ts'
import { methodOf } from '../../engine/training/methods/method.ts'
import { pairStartOf } from '../../engine/training/pair-start.ts'
import { noisesOf } from '../../engine/training/noises/noise.ts'
import { objectiveOf } from '../../engine/training/objectives/objective.ts'
import { stepsPerEpoch } from '../../engine/training/epochs.ts'
import { seenAs } from '../../engine/training/picture-settings.ts'
import { optimizerOf } from '../../engine/training/optimizers/optimizer.ts'
import { preservationOf } from '../../engine/training/preservations/preservation.ts'
import { variantOf } from '../../engine/training/variant-of-request.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { timestepDrawOf } from '../../engine/training/timestep-draws/timestep-draw.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { embeddedRecipe } from '../recipes/portable.ts'
import { picturesMetadata } from './pictures-metadata.ts'

export interface FinishedRun {
  readonly title: string
  readonly model: Pick<Model, 'checkpoint' | 'defaultSide' | 'sideStep'>
  readonly request: TrainRequest
  /** That were made, where they are not all that were asked for. */
  readonly steps?: number
  readonly stepsPerEpoch?: number
  readonly dataset: Dataset
  /** Unix seconds. */
  readonly startedAt: number
  readonly finishedAt: number
}

/** kohya's and ModelSpec's keys for the run, and those of our own. */
export function metadataOf({
  title,
  model,
  request,
  steps = request.steps,
  dataset,
  stepsPerEpoch: perEpoch = stepsPerEpoch(dataset.pictures, request, model),
  startedAt,
  finishedAt,
}: FinishedRun): Record<string, string> {
  // A clock plans no steps.
  const planned = request.minutes === undefined ? request.steps : steps
  const { checkpoint } = model
  const side = request.resolution ?? model.defaultSide
  const skip = Math.max(request.clipSkip ?? 1, checkpoint.textEncoders[0]?.config.skip ?? 1)
  const { method: ofMethod, options: methodOptions } = methodOf(request)
  const own = ownWords(request)
  const known = trainingMetadata({
    title,
    family: checkpoint.family,
    prediction: checkpoint.schedule.prediction,
    baseModel: checkpoint.path,
    rank: request.rank,
    ...networkWritten(request),
    alpha: request.alpha,
    networkDropout: request.dropout || undefined,
    steps,
    epoch: Math.ceil(steps / perEpoch),
    plannedSteps: planned,
    epochs: Math.ceil(planned / perEpoch),
    batch: request.batch,
    accumulation: request.accumulation,
    resolution: [side, side],
    learningRate: request.lr,
    ...ratesWritten(request, checkpoint.textEncoders.length),
    optimizer: optimizerWritten(request),
    scheduler: courseOf(request).written,
    warmupSteps: request.warmup,
    seed: request.seed,
    precision: 'no',
    ...(skip > 1 ? { clipSkip: skip } : {}),
    lossWeight: {
      ...lossOf(request).metadata,
      ...(request.zeroTerminalSnr ? { ss_zero_terminal_snr: 'True' } : {}),
      ...objectiveOf(request)?.metadata,
      ...noisesOf(request).metadata,
      ...maskingOf(request)?.metadata,
      ...lossWeightOf(request).metadata,
      ...timestepDrawOf(request).metadata,
      ...ofMethod.metadata(methodOptions),
      ...preservationOf(request).metadata,
    },
    folders: foldersOf(dataset),
    buckets: bucketsOf(dataset, request, model),
    datasetFingerprint: dataset.fingerprint,
    ...(request.trigger ? { trigger: request.trigger } : {}),
    // Only where the caller fixes the time: otherwise an interrupted and resumed run would differ from an uninterrupted one.
    ...(process.env.SOURCE_DATE_EPOCH ? { startedAt, finishedAt } : {}),
  })
  return { ...known, ...picturesMetadata(request), ...own }
}

/** As sd-scripts has them: of networks that were not trained nothing is told. */
function ratesWritten({ lr, unetRate = lr, textRate = 0, textRate2 = textRate }: TrainRequest, encoders: number) {
  const texts = [textRate, textRate2].slice(0, encoders)
  return {
    ...(unetRate > 0 ? { unetLearningRate: unetRate } : {}),
    ...(texts.some((rate) => rate > 0) ? { textEncoderLearningRates: texts } : {}),
  }
}

/** As sd-scripts writes it: its name, and those of its options that were told. */
function optimizerWritten(request: TrainRequest): string {
  const { optimizer, options } = optimizerOf(request)
  const told = Object.entries(options).filter(([name]) => name in request || name in (request.optimizerOptions ?? {}))
  return `${optimizer.title}(${told.map(([name, value]) => `${snakeCase(name)}=${pythonText(value)}`).join(',')})`
}

const pythonText = (value: unknown): string => (value === true ? 'True' : value === false ? 'False' : String(value))

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** What is trained, in the words of the program that trains such adapters; kohya's names for convolutions being adapted too, and for LoRA+. */
function networkWritten(request: TrainRequest): Pick<TrainingRecord, 'networkModule' | 'networkArguments'> {
  const { loraPlus, rsLora, rankDropout = 0, moduleDropout = 0 } = request
  const conv = convShape(request)
  const { variant, options } = variantOf(request)
  const { module, arguments: own } = variant.training.written(options)
  const all = {
    ...own,
    ...(slides(request) ? { conv_dim: String(conv.rank), conv_alpha: String(conv.alpha) } : {}),
    // LyCORIS' word for it; the scale itself stands in every module's alpha.
    ...(rsLora ? { rs_lora: 'True' } : {}),
    ...(rankDropout > 0 ? { rank_dropout: String(rankDropout) } : {}),
    ...(moduleDropout > 0 ? { module_dropout: String(moduleDropout) } : {}),
    ...(loraPlus === undefined ? {} : { loraplus_lr_ratio: String(loraPlus) }),
  }
  return { networkModule: module, ...(Object.keys(all).length > 0 ? { networkArguments: all } : {}) }
}

/** What neither kohya nor ModelSpec has a key for: that the rank was shared out, in which way layers differ, and the whole recipe. */
function ownWords(request: TrainRequest): Record<string, string> {
  const { members, groups, blockRanks, blockRates } = request
  const { one, options } = pairStartOf(request)
  const said = {
    'pigment.members': members > 1 ? String(members) : undefined,
    'pigment.layer_groups': groups,
    'pigment.block_ranks': blockRanks,
    'pigment.block_rates': blockRates,
    'pigment.start': one.pair && JSON.stringify({ start: one.name, ...options }),
    'pigment.recipe': embeddedRecipe(request),
  }
  return Object.fromEntries(Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** As the training sorts them. */
function bucketsOf({ pictures }: Dataset, request: TrainRequest, { defaultSide, sideStep }: FinishedRun['model']): TrainedBuckets {
  const fitters = new Map<number, { readonly options: BucketOptions; readonly fit: ReturnType<typeof bucketFitter> }>()
  const sizes = new Map<string, { width: number; height: number; count: number }>()
  let distance = 0
  for (const picture of pictures) {
    const side = seenAs(picture, request).resolution ?? defaultSide
    const options = fitters.get(side)?.options ?? trainingBuckets(side, sideStep)
    const { fit } = fitters.get(side) ?? { fit: bucketFitter(options) }
    fitters.set(side, { options, fit })
    const { width, height } = fit(picture).bucket
    const name = `${width}x${height}`
    const before = sizes.get(name)?.count ?? 0
    sizes.set(name, { width, height, count: before + picture.repeats })
    distance += Math.abs(width / height - picture.width / picture.height)
  }
  return {
    sizes: [...sizes.values()].sort((a, b) => a.width - b.width || a.height - b.height),
    meanAspectError: distance / Math.max(pictures.length, 1),
    shortestSide: Math.min(...[...fitters.values()].map(({ options }) => options.min)),
    longestSide: Math.max(...[...fitters.values()].map(({ options }) => options.max)),
  }
}

function foldersOf({ pictures }: Dataset): TrainedFolder[] {
  const tags = tagFrequency(pictures)
  return [...new Set(pictures.map(({ folder }) => folder))].map((folder) => {
    const own = pictures.filter((picture) => picture.folder === folder)
    return { folder, pictures: own.length, repeats: own[0]?.repeats ?? 1, tags: tags[folder] ?? {} }
  })
}
