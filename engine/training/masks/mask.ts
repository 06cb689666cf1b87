// Which part of a picture is learnt: a mask beside it, or in it, by how much each place counts.
import type { z } from 'zod'
import type { DatasetPicture, PictureMask } from '../../datasets/dataset.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
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
