// Which part of a picture is learnt: a mask beside it, or in it, by how much each place counts.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { z } from 'zod'
import type { Dataset, DatasetPicture, PictureMask } from '../../datasets/dataset.ts'
import { maskSize } from '../../images/mask.ts'
import { readPictureFile } from '../../images/picture.ts'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { TrainEvent } from '../../requests/train-events.ts'
import { refuseWithout } from '../../requests/field-needs.ts'
import { maskSources } from './index.ts'

export type MaskPlace = Omit<PictureMask, 'sha256'>

export interface MaskSource<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** Throws where a request lacks what it needs. */
  fits?(options: z.output<O>): void
  /** Where the masks of these pictures are, in their order; nothing where one has none. */
  find(pictures: readonly DatasetPicture[], options: z.output<O>): Promise<readonly (MaskPlace | undefined)[]>
}

/** How masks count in the loss. */
export interface Masking {
  readonly name: string
  /** What a place counts at least, whatever its mask. */
  readonly least: number
  /** With which probability a picture is seen without its mask. */
  readonly unmasked: number
  /** Each picture counts as much as without a mask, however small its part is. */
  readonly normalized: boolean
  find(pictures: readonly DatasetPicture[]): Promise<readonly (MaskPlace | undefined)[]>
  readonly metadata: Readonly<Record<string, string>>
}

/** Nothing where a request asks for no masks. Throws `masked-loss-options`, `masked-loss-option-unknown`, `mask-folder-missing`, `field-needs`. */
export function maskingOf(request: Partial<TrainRequest>): Masking | undefined {
  const chosen = chosenOf({ field: 'maskedLoss', choices: maskSources, request: trainRequest }, request)
  if (!chosen) return refuseWithout(request, 'maskedLoss', ['unmaskedWeight', 'unmaskedProbability', 'normalizeMaskedArea'])
  const { one, options } = chosen
  one.fits?.(options)
  const { unmaskedWeight: least = 0, unmaskedProbability: unmasked = 0, normalizeMaskedArea: normalized = false } = request
  return {
    ...{ name: one.name, least, unmasked, normalized },
    find: (pictures) => one.find(pictures, options),
    metadata: {
      ss_masked_loss: 'True',
      'pigment.mask': JSON.stringify({
        mask: one.name,
        unmaskedWeight: least,
        unmaskedProbability: unmasked,
        normalizeMaskedArea: normalized,
      }),
    },
  }
}

/**
 * The set with the masks of its pictures, before anything is loaded; pictures without one are learnt whole, which is told. Throws `masks-missing` where
 * none has any, `mask-size` where one has not the size of its picture, and what reading a picture throws.
 */
export async function* withMasks(request: TrainRequest, dataset: Dataset): AsyncGenerator<TrainEvent, Dataset> {
  const masking = maskingOf(request)
  if (!masking) return dataset
  const places = await masking.find(dataset.pictures)
  const found = places.filter((place) => place !== undefined).length
  const all = dataset.pictures.length
  const { name } = masking
  if (found === 0)
    throw new PigmentError(
      'masks-missing',
      `None of the ${all} pictures in "${dataset.directory}" has a mask (--masked-loss ${name}). Put the masks where they are looked for, or train without --masked-loss.`,
      { directory: dataset.directory, pictures: all, mask: name },
    )
  if (found < all) {
    const message = `${all - found} of ${all} pictures have no mask, and are learnt whole.`
    yield { type: 'warning', code: 'mask-missing', message, facts: { without: all - found, pictures: all } }
  }
  const pictures: DatasetPicture[] = []
  for (const [i, picture] of dataset.pictures.entries()) {
    const place = places[i]
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
