// Pictures of the class beside those of the set: found like those, and repeated until there are as many.
import type { Dataset, DatasetPicture } from '../datasets/dataset.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import type { Beside } from './prepare-training.ts'
import { preservationOf } from './preservations/preservation.ts'
import { joinedSets, scanned } from './training-dataset.ts'

/** Nothing where a request asks for none. A picture without a caption has the name of its folder, as in sd-scripts. Throws dataset errors. */
export async function* classDataset(request: TrainRequest, signal?: AbortSignal): AsyncGenerator<TrainEvent, Dataset | undefined> {
  const asked = preservationOf(request).pictures
  if (!asked) return undefined
  const folder = asked.folder === undefined ? [] : [{ folder: asked.folder, repeats: 1 }]
  const sets = [...folder, ...(request.sets ?? []).filter(({ classPictures }) => classPictures)]
  const all: Dataset[] = []
  // A trigger of the run would teach the class what is learnt.
  for (const set of sets) all.push(await scanned({ captionPolicy: 'folder-name' }, set, signal))
  const [first, ...further] = all
  const dataset = first && joinedSets(first, further)
  for (const { path, record } of dataset?.problems ?? [])
    yield { type: 'warning', code: record.code, message: record.message, facts: { ...record.facts, path } }
  return dataset
}

/** What is prepared beside a set. */
export function besideSet(request: TrainRequest, { pictures }: Dataset, ofClass: Dataset | undefined): Beside | undefined {
  const weight = preservationOf(request).pictures?.weight
  if (!ofClass || weight === undefined) return undefined
  const shows = pictures.reduce((sum, { repeats }) => sum + repeats, 0)
  return { pictures: balanced(ofClass.pictures, shows), weight }
}

/**
 * As many shows an epoch as the set has, where that takes repeating: first each as its folder says, then one more of each in turn. Of more than that the
 * first are taken. Reference: sd-scripts `train_util.py`, DreamBoothDataset, `reg_infos`.
 */
export function balanced(pictures: readonly DatasetPicture[], shows: number): DatasetPicture[] {
  const repeats = new Map<DatasetPicture, number>()
  let count = 0
  for (let round = 0; count < shows && pictures.length > 0; round++)
    for (const picture of pictures) {
      const more = round === 0 ? picture.repeats : 1
      repeats.set(picture, (repeats.get(picture) ?? 0) + more)
      count += more
      if (count >= shows) break
    }
  return [...repeats].map(([picture, times]) => ({ ...picture, repeats: times }))
}
