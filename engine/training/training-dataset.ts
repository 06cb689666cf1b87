// The pictures of a run, and what becomes of those that cannot be used.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { scanDataset, type Dataset, type DatasetPicture, type OwnSettings } from '../datasets/dataset.ts'
import { PigmentError } from '../requests/error.ts'
import type { PictureSet } from '../requests/picture-sets.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { stopWhereAsked } from './prepare-training.ts'
import { splitOf } from './watching/split.ts'

/** What is trained on, and what is measured on instead. */
export interface TrainingDataset extends Dataset {
  readonly apart: readonly DatasetPicture[]
}

/** Tells of problems, one by one. Throws dataset errors, `cancelled`, what `splitOf` throws, and `dataset-problems` where bad pictures are refused. */
export async function* trainingDataset(request: TrainRequest, signal?: AbortSignal): AsyncGenerator<TrainEvent, TrainingDataset> {
  yield { type: 'prepare', stage: 'dataset', done: 0, total: 1 }
  stopWhereAsked(signal, 'Stopped before the pictures were looked at')
  const first = await scanned(request, { folder: request.dataset, repeats: request.repeats }, signal)
  const further: Dataset[] = []
  for (const set of request.sets ?? []) if (!set.classPictures) further.push(await scanned(request, set, signal))
  const { heldOutFolder } = request
  const measured = heldOutFolder === undefined ? undefined : await scanned(request, { folder: heldOutFolder, repeats: 1 }, signal)
  const all = measured ? [first, ...further, measured] : [first, ...further]
  if (request.badPictures === 'refuse') all.forEach(refuseBadPictures)
  const dataset = joinedSets(first, further)
  for (const { path, record } of [...dataset.problems, ...(measured?.problems ?? [])])
    yield { type: 'warning', code: record.code, message: record.message, facts: { ...record.facts, path } }
  const { trained, apart } = splitOf(dataset.pictures, request, measured)
  return { ...dataset, pictures: trained, apart }
}

/** A set as it says itself, and where it says nothing, as the run does. */
export async function scanned(
  request: Pick<TrainRequest, 'captionPolicy' | 'trigger'>,
  { folder, repeats, ...own }: Pick<PictureSet, 'folder' | 'repeats'> & OwnSettings,
  signal?: AbortSignal,
): Promise<Dataset> {
  const trigger = own.trigger ?? request.trigger
  const dataset = await scanDataset(folder, {
    missingCaption: own.captionPolicy ?? request.captionPolicy,
    ...(trigger ? { trigger } : {}),
    ...(signal ? { signal } : {}),
  })
  const told = Object.keys(own).length > 0 ? { own } : {}
  return { ...dataset, pictures: dataset.pictures.map((picture) => ({ ...picture, repeats: picture.repeats * repeats, ...told })) }
}

/** One set of several: the pictures of further ones stand behind, under the name of their folder, so that two of one name are told apart. */
export function joinedSets(first: Dataset, further: readonly Dataset[]): Dataset {
  if (further.length === 0) return first
  const below = further.map(({ directory, pictures, problems }, i) => {
    const name = `${i + 2} ${basename(directory)}`
    const at = <T extends { readonly path: string }>(one: T): T => ({ ...one, path: `${name}/${one.path}` })
    return { pictures: pictures.map(at), problems: problems.map(at) }
  })
  const hash = createHash('sha256')
  for (const { fingerprint, pictures } of [first, ...further]) hash.update(`${fingerprint} ${pictures.map((one) => one.repeats).join()}\n`)
  return {
    directory: first.directory,
    pictures: [...first.pictures, ...below.flatMap(({ pictures }) => pictures)],
    problems: [...first.problems, ...below.flatMap(({ problems }) => problems)],
    fingerprint: hash.digest('hex'),
  }
}

/** Throws `dataset-problems` for pictures that cannot be read or have no caption; folders that are passed over are no fault. */
function refuseBadPictures({ directory, problems, pictures }: Dataset): void {
  const bad = problems.filter(({ record }) => /^(picture|caption)-/.test(record.code))
  const [first] = bad
  if (!first) return
  const sentence =
    `${bad.length} of the ${bad.length + pictures.length} pictures in "${directory}" cannot be used. The first, "${first.path}": ${first.record.message} ` +
    'Mend them or take them away, or choose --bad-pictures leave-out to train on the others.'
  const facts = bad.slice(0, 20).map(({ path, record: { code, message } }) => ({ path, code, message }))
  throw new PigmentError('dataset-problems', sentence, { directory, bad: bad.length, good: pictures.length, problems: facts })
}
