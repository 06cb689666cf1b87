// The pictures of a run, and what becomes of those that cannot be used.
import { scanDataset, type Dataset } from '../datasets/dataset.ts'
import { heldOut } from '../datasets/held-out.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { stopWhereAsked } from './prepare-training.ts'

/** Tells of problems, one by one. Throws dataset errors, `cancelled`, and `dataset-problems` where bad pictures are refused. */
export async function* trainingDataset(request: TrainRequest, signal?: AbortSignal): AsyncGenerator<TrainEvent, Dataset> {
  yield { type: 'prepare', stage: 'dataset', done: 0, total: 1 }
  stopWhereAsked(signal, 'Stopped before the pictures were looked at')
  const dataset = await scanDataset(request.dataset, {
    missingCaption: request.captionPolicy,
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(signal ? { signal } : {}),
  })
  if (request.badPictures === 'refuse') refuseBadPictures(dataset)
  for (const { path, record } of dataset.problems)
    yield { type: 'warning', code: record.code, message: record.message, facts: { ...record.facts, path } }
  return { ...dataset, pictures: heldOut(dataset.pictures, request.heldOut).trained }
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
