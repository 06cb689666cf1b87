// The masks of a set, looked for and looked at before anything is loaded.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Dataset, DatasetPicture, PictureMask } from '../../datasets/dataset.ts'
import { maskSize } from '../../images/mask.ts'
import { readPictureFile } from '../../images/picture.ts'
import { PigmentError } from '../../requests/error.ts'
import type { TrainRequest } from '../../requests/train.ts'
import type { TrainEvent } from '../../requests/train-events.ts'
import { maskingOf, type MaskPlace } from './mask.ts'

/**
 * The set with the masks of its pictures, before anything is loaded; pictures without one are learnt whole, which is told. Throws `masks-missing` where
 * none has any, `mask-size` where one has not the size of its picture, and what reading a picture throws.
 */
export async function* withMasks(request: TrainRequest, dataset: Dataset): AsyncGenerator<TrainEvent, Dataset> {
  const masking = maskingOf(request)
  if (!masking) return dataset
  // A set may be learnt whole beside others that have masks.
  const asked = dataset.pictures.filter(({ own }) => own?.masked !== false)
  const found = new Map((await masking.find(asked)).flatMap((place, i) => (place && asked[i] ? [[asked[i], place] as const] : [])))
  const all = asked.length
  const { name } = masking
  if (found.size === 0)
    throw new PigmentError(
      'masks-missing',
      `None of the ${all} pictures in "${dataset.directory}" has a mask (--masked-loss ${name}). Put the masks where they are looked for, or train without --masked-loss.`,
      { directory: dataset.directory, pictures: all, mask: name },
    )
  if (found.size < all) {
    const message = `${all - found.size} of ${all} pictures have no mask, and are learnt whole.`
    yield { type: 'warning', code: 'mask-missing', message, facts: { without: all - found.size, pictures: all } }
  }
  const pictures: DatasetPicture[] = []
  for (const picture of dataset.pictures) {
    const place = found.get(picture)
    pictures.push(place ? { ...picture, mask: await checked(picture, place) } : picture)
  }
  return { ...dataset, pictures }
}

async function checked(picture: DatasetPicture, place: MaskPlace): Promise<PictureMask> {
  const bytes = await readPictureFile(place.file)
  const { width, height } = await maskSize(bytes, basename(place.file))
  if (width !== picture.width || height !== picture.height)
    throw new PigmentError(
      'mask-size',
      `The mask "${basename(place.file)}" has ${width}×${height} pixels, and its picture "${picture.path}" has ${picture.width}×${picture.height}. Save the mask at the size of its picture, or take it away.`,
      { mask: basename(place.file), path: picture.path, got: [width, height], expected: [picture.width, picture.height] },
    )
  return { ...place, sha256: createHash('sha256').update(bytes).digest('hex') }
}
