// What inpainting does with pixels: masks softened and brought to size, the part of a picture that is drawn anew, what lies under a mask, and how the
// new is laid over the old. A1111's rules: its `modules/masking.py` and `processing.py`.
import type { Sharp } from 'sharp'
import sharp from './loaders.ts'
import type { Mask } from './mask.ts'
import { resizePicture, type Size } from './model-range.ts'
import type { Picture } from './picture.ts'

export interface Region extends Size {
  readonly left: number
  readonly top: number
}

/** The same mask the other way round. */
export const inverted = (mask: Mask): Mask => ({ ...mask, data: mask.data.map((value) => 255 - value) })

/** A Gaussian of so many pixels (σ) over it; below 0.3 nothing is changed. */
export async function feathered(mask: Mask, pixels: number): Promise<Mask> {
  if (pixels < 0.3) return mask
  return maskOf(mask, asSharp(mask).blur({ sigma: pixels, minAmplitude: 0.001, precision: 'float' }))
}

/** Exactly this size, by a cubic kernel. */
export async function maskResized(mask: Mask, size: Size): Promise<Mask> {
  if (mask.width === size.width && mask.height === size.height) return mask
  return maskOf(size, asSharp(mask).resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' }))
}

const asSharp = ({ data, width, height }: Mask): Sharp => sharp(data, { raw: { width, height, channels: 1 } })

async function maskOf({ width, height }: Size, picture: Sharp): Promise<Mask> {
  const data = await picture.toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer()
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
}

/** The smallest part with all that is masked at all, or nothing where nothing is. */
export function maskedPart({ data, width, height }: Mask): Region | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** A part with room around it, grown to the shape of `like` as far as the picture goes. */
export function roomAround(part: Region, { padding, like, within }: { padding: number; like: Size; within: Size }): Region {
  const [wide, high] = [spread(part.left, part.width, padding, within.width), spread(part.top, part.height, padding, within.height)]
  const shape = like.width / like.height
  const [x, y] =
    wide.length / high.length > shape
      ? [wide, grown(high, Math.floor(wide.length / shape), within.height)]
      : [grown(wide, Math.floor(high.length * shape), within.width), high]
  return { left: x.from, top: y.from, width: x.length, height: y.length }
}

interface Span {
  readonly from: number
  readonly length: number
}
function spread(from: number, length: number, padding: number, within: number): Span {
  const first = Math.max(0, from - padding)
  return { from: first, length: Math.min(within, from + length + padding) - first }
}
/** About its middle; where the picture ends, towards the other side. */
function grown({ from, length }: Span, wanted: number, within: number): Span {
  const whole = Math.min(within, Math.max(length, wanted))
  const first = from - ((whole - length) >> 1)
  return { from: Math.min(within - whole, Math.max(0, first)), length: whole }
}

export const cutOut = (picture: Picture, part: Region): Picture => ({ ...sized(part), data: rows(picture.data, picture.width, part, 3) })
export const maskCutOut = (mask: Mask, part: Region): Mask => ({ ...sized(part), data: rows(mask.data, mask.width, part, 1) })
const sized = ({ width, height }: Size): Size => ({ width, height })

function rows(data: Uint8Array, width: number, part: Region, channels: number): Uint8Array {
  const out = new Uint8Array(part.width * part.height * channels)
  for (let y = 0; y < part.height; y++) {
    const from = ((part.top + y) * width + part.left) * channels
    out.set(data.subarray(from, from + part.width * channels), y * part.width * channels)
  }
  return out
}

/** Colours of what surrounds a mask, run into it: blurs of less and less width, one laid over the other, of what is not masked. */
export async function filledUnder(picture: Picture, mask: Mask): Promise<Picture> {
  const { width, height } = picture
  const seen = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    seen.set(picture.data.subarray(3 * i, 3 * i + 3), 4 * i)
    seen[4 * i + 3] = 255 - (mask.data[i] ?? 0)
  }
  const raw = { width, height, channels: 4 as const }
  let under = Buffer.alloc(width * height * 4)
  for (const [sigma, times] of [
    [256, 1],
    [64, 1],
    [16, 2],
    [4, 4],
    [2, 2],
    [0, 1],
  ] as const) {
    // prettier-ignore
    const input = sigma > 0 ? await sharp(seen, { raw }).blur({ sigma, precision: 'float' }).raw().toBuffer() : Buffer.from(seen)
    const layers = Array.from({ length: times }, () => ({ input, raw }))
    under = await sharp(under, { raw }).composite(layers).raw().toBuffer()
  }
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => under[4 * Math.floor(k / 3) + (k % 3)] ?? 0)
  return { width, height, data }
}

/** The new picture over a part of the old one, as far as the mask says; where that says nothing, the old bytes. */
export async function laidOver(old: Picture, part: Region, { drawn, mask }: { drawn: Picture; mask: Mask }): Promise<Picture> {
  const [fresh, data] = [await resizePicture(drawn, sized(part)), old.data.slice()]
  for (let y = 0; y < part.height; y++)
    for (let x = 0; x < part.width; x++) {
      const [at, from] = [(part.top + y) * old.width + part.left + x, y * part.width + x]
      const share = (mask.data[at] ?? 0) / 255
      if (share === 0) continue
      for (let c = 0; c < 3; c++)
        data[3 * at + c] = Math.round((old.data[3 * at + c] ?? 0) * (1 - share) + (fresh.data[3 * from + c] ?? 0) * share)
    }
  return { ...old, data }
}
