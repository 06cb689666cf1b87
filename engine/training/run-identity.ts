// Everything that decides the bits of a training run, by name: a run continues only where all of it is the same.
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Adapter } from '../adapters/adapter.ts'
import { rolesOf, variantCalled } from '../adapters/variants/variant.ts'
import type { Dataset } from '../datasets/dataset.ts'
import type { RunFacts } from '../files/run-checkpoint.ts'
import { classPicturePrefix, picturePrefix } from '../files/run-differences.ts'
import type { TakenRungs } from '../memory-rungs.ts'
import { fingerprint } from '../models/fingerprint.ts'
import ort from '../runtime/onnxruntime.ts'
import { captionFields } from '../requests/picture-fields.ts'
import { repeats } from '../requests/picture-sets.ts'
import type { TrainRequest } from '../requests/train.ts'
import { watchingFields } from '../requests/validation-fields.ts'
import { engineVersion } from '../requests/version.ts'
import { readVocabularyFile } from '../text/vocabulary-files.ts'
import type { Model } from '../sessions/open-model.ts'

export const threadsOf = ({ sessionOptions }: Model): number => sessionOptions.threads ?? availableParallelism()

type Seen = Pick<Dataset, 'fingerprint' | 'pictures'>

/** What a run may begin with, and pictures of the class. */
interface Beside {
  readonly initial?: Adapter | undefined
  readonly ofClass?: Seen | undefined
  /** What was changed on the way for want of memory, and when. */
  readonly rungs?: TakenRungs | undefined
}

const watching: ReadonlySet<string> = new Set(watchingFields)

/** Settings by the names of their fields; the model by its networks; pictures, program and machine. Hashes stand for what is long. */
export async function runIdentity(
  model: Model,
  request: TrainRequest,
  dataset: Seen,
  { initial, ofClass, rungs }: Beside = {},
): Promise<RunFacts> {
  // What stands for what they say is below: pictures, masks and schedule themselves.
  const { checkpointEvery: _every, title: _title, dataset: _folder, classPictures: _class, maskFolder: _masks, ...asked } = request
  // A run by the clock can be given more of it.
  const { minutes: _minutes, ...run } = asked
  const { computePrecision: _asked, prediction: _predicted, zeroTerminalSnr: _zero, ...settings } = run
  const { sets = [], clipSkip = 1, ...others } = settings
  // Where the pictures lie does not matter, and what says nothing is as if it were not there: runs of before have none of these.
  const later = { ...captionFields, repeats }
  const usual = (name: string, value: unknown): boolean =>
    name in later && value === later[name as keyof typeof later].safeParse(undefined).data
  const { unet, textEncoders, vae, schedule } = model.checkpoint
  const networks = [unet, ...textEncoders, vae]
  const names = ['unet', ...textEncoders.map((_, i) => (i === 0 ? 'textEncoder' : `textEncoder${i + 1}`)), 'vae']
  const prints = await Promise.all(networks.map((network) => fingerprint(network)))
  return {
    ...Object.fromEntries(
      Object.entries(others).flatMap(([name, value]) =>
        value === undefined || watching.has(name) || usual(name, value) ? [] : [[name, JSON.stringify(value)]],
      ),
    ),
    // The first layer from the end is as if nothing were said.
    ...(clipSkip > 1 ? { clipSkip: JSON.stringify(clipSkip) } : {}),
    ...(sets.length > 0 ? { sets: JSON.stringify(sets.map(({ folder: _set, ...set }) => set)) } : {}),
    pictures: dataset.fingerprint,
    ...picturePrints(picturePrefix, dataset),
    ...maskPrints(dataset),
    ...(ofClass ? { classPictures: ofClass.fingerprint, ...picturePrints(classPicturePrefix, ofClass) } : {}),
    ...Object.fromEntries(names.map((name, i) => [name, prints[i] ?? ''])),
    schedule: JSON.stringify(schedule),
    tokenizer: await vocabularyPrint(model),
    ...(initial ? { initial: adapterPrint(initial) } : {}),
    ...(rungs && rungs.taken.length > 0 ? { memoryRungs: JSON.stringify(rungs.taken) } : {}),
    device: model.sessionOptions.provider ?? 'cpu',
    // What came of what was asked for.
    ...(model.sessionOptions.precision ? { computePrecision: model.sessionOptions.precision } : {}),
    threads: String(threadsOf(model)),
    runtime: ort.env.versions.node ?? ort.env.versions.common,
    engine: engineVersion,
  }
}

/** Of each picture and its caption, so that a set that changed is told by what changed of it. */
function picturePrints(prefix: string, { pictures }: Seen): RunFacts {
  const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
  return Object.fromEntries(pictures.map(({ path, sha256, caption }) => [prefix + path, `${sha256.slice(0, 16)} ${short(caption)}`]))
}

/** Of all masks together, where there are any. */
function maskPrints({ pictures }: Seen): RunFacts {
  const masked = pictures.filter(({ mask }) => mask)
  if (masked.length === 0) return {}
  const hash = createHash('sha256')
  for (const { path, mask } of masked) hash.update(`${JSON.stringify([path, mask?.channel, mask?.sha256])}\n`)
  return { masks: hash.digest('hex') }
}

async function vocabularyPrint({ vocabulary }: Model): Promise<string> {
  if (!vocabulary) return 'CLIP'
  const hash = createHash('sha256')
  for (const file of [vocabulary.vocab, vocabulary.merges]) hash.update(await readVocabularyFile(file))
  return hash.digest('hex')
}

function adapterPrint({ modules }: Adapter): string {
  const hash = createHash('sha256')
  for (const { tensors, variant } of modules)
    for (const role of rolesOf(variantCalled(variant), tensors)) hash.update(tensors[role]?.data as Float32Array<ArrayBuffer>)
  return hash.digest('hex')
}
