// The training pictures of the text and UNet stages: each plain and in some augmented forms, made once.
import type { IntTensor } from '../../../engine/runtime/session.ts'
import type { ClipTextConfig } from '../../../engine/models/config.ts'
import { randomStream } from '../../../engine/tensor/philox.ts'
import type { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts'
import { augmentPicture, drawAugmentation, type Augmentation } from './augment.ts'
import { caption } from './captions.ts'
import { pictureAt, type PictureCache, type PictureRecord } from './prepare.ts'
import { seededRandom } from './random.ts'

/** Forms of each picture; the first is plain. */
export const forms = 4
const plain: Augmentation = { mirror: false, shift: [0, 0], scale: 1 }

export interface Variant {
  readonly record: number
  readonly change: Augmentation
}

/** `forms` variants of each training picture, next to each other. */
export function trainingVariants(cache: PictureCache): Variant[] {
  return cache.records.flatMap(({ split, mirror }, record) =>
    split === 'train'
      ? Array.from({ length: forms }, (_, form) => ({
          record,
          change: form === 0 ? plain : drawAugmentation(seededRandom(record * 31 + form), mirror),
        }))
      : [],
  )
}

export const variantPixels = (cache: PictureCache, { record, change }: Variant): Uint8Array =>
  augmentPicture(pictureAt(cache, record), change)

/** Indices of variants for one step, `plainShare` of them plain: a pure function of seed and step. */
export function drawVariants(variants: number, count: number, seed: number, step: number, plainShare = 0.55): number[] {
  const pictures = randomStream(seed, 'picture', step).integers(count, 0, variants / forms)
  const form = randomStream(seed, 'form', step).uniform(count)
  return Array.from(pictures, (picture, n) => {
    const u = form[n] ?? 0
    return picture * forms + (u < plainShare ? 0 : 1 + Math.floor(((u - plainShare) / (1 - plainShare)) * (forms - 1)))
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
  for (const [n, { record, change }] of variants.entries()) {
    const described = records[record] as PictureRecord
    data.set(BigInt64Array.from(tokenizer.frame(caption(described, words, change.background), positions, padId), BigInt), n * positions)
  }
  return { shape: [variants.length, positions], data }
}
