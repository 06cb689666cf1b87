// What an adapter file says about itself: kohya's `ss_*`, Stability's ModelSpec, and the hashes by which web UIs know it.
// Pure: times come from the caller, so the same request gives the same bytes; folders are named, never located.
import { createHash } from 'node:crypto'
import { serializeSafetensors, type TensorToWrite } from '../files/safetensors.ts'
import type { Family, Prediction } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import type { FamilyMetadata } from '../models/family.ts'
import { triggerMetadata } from './triggers.ts'

type Metadata = Readonly<Record<string, string>>

/** One folder of pictures. Only the last part of `folder` is written. */
export interface TrainedFolder {
  readonly folder: string
  readonly pictures: number
  readonly repeats: number
  /** How many pictures have each tag. */
  readonly tags: Readonly<Record<string, number>>
}

/** The aspect buckets that the pictures went to, as often as they are shown. */
export interface TrainedBuckets {
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly count: number }[]
  /** Mean distance of a picture's width / height from its bucket's. */
  readonly meanAspectError: number
  readonly shortestSide: number
  readonly longestSide: number
}

export interface TrainingRecord {
  readonly title: string
  readonly family: Family
  readonly prediction: Prediction
  /** File or folder of the base model; only its last part is written. */
  readonly baseModel: string
  readonly rank: number
  readonly alpha: number
  /** `networks.lora`, or whose words the arguments are. */
  readonly networkModule: string
  readonly networkArguments?: Metadata
  /** Share of the numbers between the factors that was left out of a step. */
  readonly networkDropout?: number | undefined
  /** That were made, and in which epoch they end. */
  readonly steps: number
  readonly epoch: number
  /** That were asked for: a run may be stopped, or end where it gets no better. */
  readonly plannedSteps: number
  readonly epochs: number
  readonly batch: number
  readonly accumulation: number
  /** Width and height in pixels. */
  readonly resolution: readonly [number, number]
  readonly learningRate: number
  /** Of the UNet, where it was trained. */
  readonly unetLearningRate?: number
  /** Of each text encoder; absent where none was trained. */
  readonly textEncoderLearningRates?: readonly number[]
  readonly optimizer: string
  readonly scheduler: string
  readonly warmupSteps: number
  readonly seed: number | bigint
  readonly precision: string
  /** 1 = the last layer. */
  readonly clipSkip?: number
  /** Its own keys, as sd-scripts has them. */
  readonly lossWeight?: Metadata
  readonly folders: readonly TrainedFolder[]
  readonly buckets?: TrainedBuckets
  /** Hash of the pictures and captions, so that two trainings on the same data can be told. */
  readonly datasetFingerprint: string
  readonly trigger?: string
  readonly author?: string
  readonly license?: string
  readonly description?: string
  /** Unix seconds. Left out where the same run must give the same bytes whenever it is made, and however often it was interrupted. */
  readonly startedAt?: number
  readonly finishedAt?: number
}

/** The metadata of a trained adapter, `ss_*` first, as sd-scripts orders it. Hashes are added by the writer (contentHashes). */
export function trainingMetadata(record: TrainingRecord): Record<string, string> {
  const base = familyCalled(record.family).metadata(record.prediction)
  return { ...kohyaMetadata(record, base), ...modelSpec(record, base), ...pigmentMetadata(record) }
}

function kohyaMetadata(record: TrainingRecord, base: FamilyMetadata): Record<string, string> {
  const pictures = record.folders.reduce((sum, { pictures, repeats }) => sum + pictures * repeats, 0)
  const folders = byName(record.folders)
  const perFolder = <T>(of: (folder: TrainedFolder) => T): string =>
    JSON.stringify(Object.fromEntries(folders.map((folder) => [folder.folder, of(folder)])))
  return present({
    ss_v2: pythonText(base.ss_v2),
    ss_base_model_version: base.ss_base_model_version,
    ss_network_module: record.networkModule,
    ss_network_dim: pythonText(record.rank),
    ss_network_alpha: pythonText(record.alpha),
    ss_network_dropout: pythonText(record.networkDropout),
    ss_network_args: record.networkArguments && JSON.stringify(record.networkArguments),
    ss_output_name: record.title,
    ss_training_started_at: pythonText(record.startedAt),
    ss_training_finished_at: pythonText(record.finishedAt),
    ss_sd_model_name: lastPart(record.baseModel),
    ss_clip_skip: pythonText(record.clipSkip),
    ss_learning_rate: pythonText(record.learningRate),
    ss_unet_lr: pythonText(record.unetLearningRate),
    ss_text_encoder_lr: ratesText(record.textEncoderLearningRates),
    ss_optimizer: record.optimizer,
    ss_lr_scheduler: record.scheduler,
    ss_lr_warmup_steps: pythonText(record.warmupSteps),
    ss_gradient_accumulation_steps: pythonText(record.accumulation),
    ss_mixed_precision: record.precision,
    ss_seed: String(record.seed),
    ss_num_epochs: pythonText(record.epochs),
    ss_epoch: pythonText(record.epoch),
    ss_steps: pythonText(record.steps),
    ss_max_train_steps: pythonText(record.plannedSteps),
    ss_batch_size_per_device: pythonText(record.batch),
    ss_total_batch_size: pythonText(record.batch * record.accumulation),
    ss_num_train_images: pythonText(pictures),
    ss_num_reg_images: '0',
    ss_resolution: `(${record.resolution.join(', ')})`,
    ...bucketMetadata(record.buckets),
    ss_dataset_dirs: perFolder(({ pictures, repeats }) => ({ n_repeats: repeats, img_count: pictures })),
    ss_tag_frequency: perFolder(({ tags }) => tags),
    ...record.lossWeight,
  })
}

function bucketMetadata(buckets: TrainedBuckets | undefined): Record<string, string | undefined> {
  if (!buckets) return {}
  const listed = buckets.sizes.map(({ width, height, count }, i): [number, object] => [i, { resolution: [width, height], count }])
  return {
    ss_enable_bucket: pythonText(true),
    ss_bucket_no_upscale: pythonText(false),
    ss_min_bucket_reso: pythonText(buckets.shortestSide),
    ss_max_bucket_reso: pythonText(buckets.longestSide),
    ss_bucket_info: JSON.stringify({ buckets: Object.fromEntries(listed), mean_img_ar_error: buckets.meanAspectError }),
  }
}

/** ModelSpec 1.0.1. */
function modelSpec(record: TrainingRecord, base: FamilyMetadata): Record<string, string> {
  const [width, height] = record.resolution
  const tags = [...new Set(record.folders.flatMap((folder) => Object.keys(folder.tags)))]
  return present({
    'modelspec.sai_model_spec': '1.0.1',
    'modelspec.architecture': `${base.architecture}/lora`,
    'modelspec.implementation': base.implementation,
    'modelspec.title': record.title,
    'modelspec.resolution': `${width}x${height}`,
    'modelspec.description': record.description,
    'modelspec.author': record.author,
    'modelspec.date': record.finishedAt === undefined ? undefined : new Date(record.finishedAt * 1000).toISOString().slice(0, 19),
    'modelspec.license': record.license,
    'modelspec.tags': tags.length > 0 ? tags.slice(0, 50).join(', ') : undefined,
    'modelspec.trigger_phrase': record.trigger,
    'modelspec.usage_hint': record.trigger && `Write "${record.trigger}" in the prompt.`,
    'modelspec.prediction_type': record.prediction === 'v_prediction' ? 'v' : 'epsilon',
    'modelspec.encoder_layer': pythonText(record.clipSkip),
  })
}

function pigmentMetadata(record: TrainingRecord): Record<string, string> {
  return present({
    'pigment.dataset_fingerprint': record.datasetFingerprint,
    ...triggerMetadata(record.trigger),
  })
}

/**
 * `sshs_model_hash` and `sshs_legacy_hash` as sd-scripts computes them, over the tensors and the `ss_*` metadata alone,
 * and `modelspec.hash_sha256` where the metadata is a ModelSpec.
 */
export function contentHashes(tensors: readonly TensorToWrite[], metadata: Metadata): Record<string, string> {
  const kohya = Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith('ss_')))
  const bytes = serializeSafetensors(tensors, kohya)
  const content = bytes.subarray(8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)))
  const hash = sha256(content)
  return {
    sshs_model_hash: hash,
    sshs_legacy_hash: sha256(bytes.subarray(0x100000, 0x110000)).slice(0, 8),
    ...('modelspec.sai_model_spec' in metadata ? { 'modelspec.hash_sha256': `0x${hash}` } : {}),
  }
}

/** Folders by the last part of their path; those that share it are counted together. */
function byName(folders: readonly TrainedFolder[]): readonly TrainedFolder[] {
  const named = new Map<string, TrainedFolder>()
  for (const { folder, pictures, repeats, tags } of folders) {
    const name = lastPart(folder)
    const before = named.get(name)
    const counts = new Map(Object.entries(before?.tags ?? {}))
    for (const [tag, count] of Object.entries(tags)) counts.set(tag, (counts.get(tag) ?? 0) + count)
    named.set(name, {
      folder: name,
      pictures: (before?.pictures ?? 0) + pictures,
      repeats: Math.max(before?.repeats ?? 0, repeats),
      tags: Object.fromEntries(counts),
    })
  }
  return [...named.values()]
}

const minimal = ['ss_v2', 'ss_base_model_version', 'ss_network_module', 'ss_network_dim', 'ss_network_alpha', 'ss_network_args']

/** Only what a reader needs to load the file: the keys that sd-scripts keeps under `no_metadata`. */
export function stripMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => minimal.includes(key)))
}

/** The name without its folders: paths hold user names. */
function lastPart(path: string): string {
  return path.split(/[\\/]+/).findLast((part) => part !== '') ?? ''
}

/**
 * sd-scripts writes Python's str() of a value, and readers compare with `True`. What is not known has no key: A1111's metadata editor would read
 * the number in sd-scripts' `None`, and fail.
 */
function pythonText(value: number | boolean | undefined): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

/** One where all learn alike, otherwise Python's list, as sd-scripts writes them. */
function ratesText(rates: readonly number[] | undefined): string | undefined {
  const [first] = rates ?? []
  return rates?.every((rate) => rate === first) ? pythonText(first) : rates && `[${rates.map(String).join(', ')}]`
}

function present(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
