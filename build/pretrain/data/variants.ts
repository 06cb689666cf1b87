// The training pictures of the text and UNet stages: each plain, in some augmented and in some restyled forms, made once.
import type { IntTensor } from '../../../engine/runtime/session.ts'
import type { ClipTextConfig } from '../../../engine/checkpoint/config.ts'
import { randomStream } from '../../../engine/tensor/philox.ts'
import type { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts'
import { augmentPicture, drawAugmentation, type Augmentation } from './augment.ts'
import { caption } from './captions.ts'
import { pictureAt, type PictureCache, type PictureRecord } from './prepare.ts'
import { seededRandom } from './random.ts'
import { drawRestyle, restyledForms, restylePicture, type Restyle } from './restyle.ts'

/** Forms of each picture: plain, then augmented, then restyled. */
const augmented = 3
export const forms = 1 + augmented + restyledForms
const plain: Augmentation = { mirror: false, shift: [0, 0], scale: 1 }

export interface Variant {
  readonly record: number
  readonly change: Augmentation
  readonly restyle?: Restyle
}

/** `forms` variants of each training picture, next to each other. */
export function trainingVariants(cache: PictureCache): Variant[] {
  return cache.records.flatMap(({ split, mirror }, record) =>
    split === 'train'
      ? Array.from({ length: forms }, (_, form): Variant => {
          if (form === 0) return { record, change: plain }
          if (form <= augmented) return { record, change: drawAugmentation(seededRandom(record * 31 + form), mirror) }
          const which = form - 1 - augmented
          return { record, change: plain, restyle: drawRestyle(seededRandom(record * 37 + which), which, mirror) }
        })
      : [],
  )
}

export function variantPixels(cache: PictureCache, { record, change, restyle }: Variant): Uint8Array {
  const picture = pictureAt(cache, record)
  return restyle ? restylePicture(picture, restyle) : augmentPicture(picture, change)
}

export interface Shares {
  readonly plain: number
  readonly restyled: number
}

/** Indices of variants for one step, in these shares, the rest augmented: a pure function of seed and step. */
export function drawVariants(variants: number, count: number, seed: number, step: number, shares: Shares): number[] {
  const pictures = randomStream(seed, 'picture', step).integers(count, 0, variants / forms)
  const form = randomStream(seed, 'form', step).uniform(count)
  return Array.from(pictures, (picture, n) => {
    const u = form[n] ?? 0
    const { plain: bare, restyled: manners } = shares
    const within = (from: number, share: number, of: number): number => Math.min(of - 1, Math.floor(((u - from) / share) * of))
    if (u < bare) return picture * forms
    if (u < bare + manners) return picture * forms + 1 + augmented + within(bare, manners, restyledForms)
    return picture * forms + 1 + within(bare + manners, 1 - bare - manners, augmented)
  })
}

/** The captions of some variants as token ids, (N, positions). */
export function captionIds(
  variants: readonly Variant[],
  records: readonly PictureRecord[],
  tokenizer: ClipTokenizer,
  { positions, padId }: ClipTextConfig,
  step: number,
): IntTensor {
  const words = seededRandom(step + 1)
  const data = new BigInt64Array(variants.length * positions)
  for (const [n, { record, change, restyle }] of variants.entries()) {
    const described = records[record] as PictureRecord
    const text = caption(described, words, { background: change.background, manner: restyle?.phrase })
    data.set(BigInt64Array.from(tokenizer.frame(text, positions, padId), BigInt), n * positions)
  }
  return { shape: [variants.length, positions], data }
}
