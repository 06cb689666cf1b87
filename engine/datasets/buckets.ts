// Aspect-ratio buckets as kohya's sd-scripts make them, so a data set trains at the sizes its users know.
import { PigmentError } from '../requests/error.ts'
import type { Size } from '../images/model-range.ts'

export interface BucketOptions {
  /** Pixels a bucket may have: width · height of the training resolution. */
  readonly area: number
  /** Sides are multiples of this. */
  readonly step: number
  readonly min: number
  readonly max: number
  /** Leaves pictures below `area` as they are, and ignores `min` and `max`. */
  readonly noUpscale?: boolean
}

/** The buckets that training at a resolution makes: sides on the model's step, none under half of the resolution or over twice. */
export function trainingBuckets(resolution: number, step: number): BucketOptions {
  const onStep = (side: number): number => Math.max(step, Math.floor(side / step) * step)
  return { area: resolution ** 2, step, min: onStep(resolution / 2), max: onStep(resolution * 2) }
}

/** Where a picture goes: scale it to `resized`, cut `bucket` from it. */
export interface BucketFit {
  readonly bucket: Size
  readonly resized: Size
}

/** A strip of one row of pixels would swell to gigabytes when scaled to cover its bucket. */
const MAX_EXCESS = 32

/** The predefined sizes, by width and then height. */
export function predefinedBuckets({ area, step, min, max }: BucketOptions): Size[] {
  if (![area, step, min, max].every((n) => Number.isInteger(n) && n > 0) || min > max || Math.sqrt(area) < step) {
    const sentence = `Buckets of ${area} pixels, step ${step}, sides ${min} to ${max} cannot be made. Use whole numbers with step ≤ √area and min ≤ max.`
    throw new PigmentError('bucket-options', sentence, { area, step, min, max })
  }
  const floor = (side: number): number => Math.floor(side / step) * step
  const sizes = new Map<string, Size>()
  const add = (width: number, height: number): unknown => sizes.set(`${width}x${height}`, { width, height })
  const square = floor(Math.sqrt(area))
  add(square, square)
  for (let width = min; width <= max; width += step) {
    const height = Math.min(max, floor(Math.floor(area / width)))
    if (height < min) continue
    add(width, height)
    add(height, width)
  }
  return [...sizes.values()].sort((a, b) => a.width - b.width || a.height - b.height)
}

/** The bucket of each picture of a size; makes the list of buckets once. */
export function bucketFitter(options: BucketOptions): (picture: Size) => BucketFit {
  const predefined = predefinedBuckets(options)
  return (picture) => {
    const fit = options.noUpscale ? fitNoUpscale(picture, options) : fitPredefined(picture, predefined)
    if (fit.resized.width * fit.resized.height <= MAX_EXCESS * fit.bucket.width * fit.bucket.height) return fit
    const sentence = `A picture of ${picture.width}×${picture.height} is far longer than any bucket; most of it would be cut away. Crop it first.`
    throw new PigmentError('picture-too-narrow', sentence, { ...picture, bucket: fit.bucket })
  }
}

function fitPredefined(picture: Size, buckets: readonly Size[]): BucketFit {
  const aspect = picture.width / picture.height
  const distance = (size: Size): number => Math.abs(size.width / size.height - aspect)
  const same = buckets.find((size) => size.width === picture.width && size.height === picture.height)
  // Strictly smaller, so that the first of equals stays.
  const bucket = same ?? buckets.reduce((best, size) => (distance(size) < distance(best) ? size : best))
  const scale = aspect > bucket.width / bucket.height ? bucket.height / picture.height : bucket.width / picture.width
  return { bucket, resized: { width: Math.floor(picture.width * scale + 0.5), height: Math.floor(picture.height * scale + 0.5) } }
}

function fitNoUpscale(picture: Size, { area, step }: BucketOptions): BucketFit {
  const resized = picture.width * picture.height > area ? shrink(picture, area, step) : { width: picture.width, height: picture.height }
  const bucket = { width: resized.width - (resized.width % step), height: resized.height - (resized.height % step) }
  if (bucket.width > 0 && bucket.height > 0) return { bucket, resized }
  const sentence = `A picture of ${picture.width}×${picture.height} is smaller than the bucket step ${step} on one side. Allow upscaling, or leave it out.`
  throw new PigmentError('picture-too-small', sentence, { ...picture, step })
}

/** Two candidates, one with a width and one with a height on the step; the one closer to the picture's shape wins. */
function shrink(picture: Size, area: number, step: number): Size {
  const aspect = picture.width / picture.height
  const round = (side: number): number => {
    const whole = Math.floor(side + 0.5)
    return whole - (whole % step)
  }
  const exactWidth = Math.sqrt(area * aspect)
  const width = round(exactWidth)
  const height = round(area / exactWidth)
  const errorByWidth = Math.abs(width / round(width / aspect) - aspect)
  const errorByHeight = Math.abs(round(height * aspect) / height - aspect)
  if (errorByWidth < errorByHeight) return { width, height: Math.floor(width / aspect + 0.5) }
  return { width: Math.floor(height * aspect + 0.5), height }
}
