// Pictures as models see them: planes of red, green and blue (C, H, W) between −1 and 1.
import { PigmentError } from '../requests/error.ts'
import sharp from './loaders.ts'
import type { Picture } from './picture.ts'

const MAX_PIXELS = 100_000_000

export interface Size {
  readonly width: number
  readonly height: number
}

/** The smallest size with the picture's shape that covers `target`. */
export function coverSize(picture: Size, target: Size): Size {
  const wide = picture.width / picture.height > target.width / target.height
  const scale = wide ? target.height / picture.height : target.width / picture.width
  return { width: Math.floor(picture.width * scale + 0.5), height: Math.floor(picture.height * scale + 0.5) }
}

/**
 * Resizes to `resized` (unless given, just enough to cover), cuts `target` from the middle and scales to [−1, 1].
 * The result is (3, height, width).
 */
export async function toModelRange(
  picture: Picture,
  target: Size,
  { resized = coverSize(picture, target), flip = false } = {},
): Promise<Float32Array> {
  const whole = await resizePicture(picture, {
    width: Math.max(resized.width, target.width),
    height: Math.max(resized.height, target.height),
  })
  const left = (whole.width - target.width) >> 1
  const top = (whole.height - target.height) >> 1
  const plane = target.width * target.height
  const out = new Float32Array(3 * plane)
  for (let y = 0; y < target.height; y++)
    for (let x = 0; x < target.width; x++) {
      const from = ((top + y) * whole.width + left + (flip ? target.width - 1 - x : x)) * 3
      for (let c = 0; c < 3; c++) out[c * plane + y * target.width + x] = (whole.data[from + c] ?? 0) / 127.5 - 1
    }
  return out
}

/** Model values (3, height, width) as a picture; what lies outside [−1, 1] is clipped. */
export function fromModelRange(values: Float32Array, { width, height }: Size): Picture {
  const plane = width * height
  const data = new Uint8Array(3 * plane)
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.min(255, Math.max(0, Math.round(((values[c * plane + i] ?? 0) + 1) * 127.5)))
  return { width, height, data }
}

/** The mirror image, left to right. */
export function flip(picture: Picture): Picture {
  const data = new Uint8Array(picture.data.length)
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) {
      const from = (y * picture.width + picture.width - 1 - x) * 3
      data.set(picture.data.subarray(from, from + 3), (y * picture.width + x) * 3)
    }
  return { ...picture, data }
}

/** Exactly this size, by Lanczos; the shape may change. */
export async function resizePicture(picture: Picture, size: Size): Promise<Picture> {
  if (picture.width === size.width && picture.height === size.height) return picture
  if (size.width * size.height > MAX_PIXELS) {
    const sentence = `A picture of ${picture.width}×${picture.height} would have to grow to ${size.width}×${size.height}. Crop it to a less extreme shape.`
    throw new PigmentError('picture-too-large', sentence, { from: [picture.width, picture.height], to: [size.width, size.height] })
  }
  const raw = { width: picture.width, height: picture.height, channels: 3 as const }
  const pipeline = sharp(picture.data, { raw, limitInputPixels: false }).resize(size.width, size.height, {
    fit: 'fill',
    kernel: 'lanczos3',
  })
  const data = await pipeline.raw().toBuffer()
  return { ...size, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
}
