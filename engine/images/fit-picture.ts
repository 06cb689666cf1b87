// How a picture of another shape comes to the size that is drawn: A1111's `resize_mode` (its modules/images.py, `resize_image`).
import { cutOut, maskCutOut, maskResized, type Region } from './inpaint.ts'
import type { Mask } from './mask.ts'
import { coverSize, resizePicture, type Size } from './model-range.ts'
import type { Picture } from './picture.ts'

/** Its shape changes; what lies over the sides is cut off; or what is missing at the sides is filled with the colours of its borders. */
export const fitModes = ['stretch', 'crop', 'fill'] as const
export type FitMode = (typeof fitModes)[number]

export async function fitted(picture: Picture, size: Size, mode: FitMode): Promise<Picture> {
  const brought = await resizePicture(picture, broughtTo(picture, size, mode))
  if (mode === 'crop') return cutOut(brought, middleOf(brought, size))
  return mode === 'fill' ? { ...size, data: extended(brought.data, brought, size, 3) } : brought
}

/** A mask comes along with its picture. */
export async function maskFitted(mask: Mask, size: Size, mode: FitMode): Promise<Mask> {
  const brought = await maskResized(mask, broughtTo(mask, size, mode))
  if (mode === 'crop') return maskCutOut(brought, middleOf(brought, size))
  return mode === 'fill' ? { ...size, data: extended(brought.data, brought, size, 1) } : brought
}

function broughtTo(of: Size, size: Size, mode: FitMode): Size {
  return mode === 'crop' ? coverSize(of, size) : mode === 'fill' ? within(of, size) : size
}

/** The largest size with this shape that `size` holds, as A1111 rounds it. */
export function within({ width, height }: Size, size: Size): Size {
  const wide = size.width / size.height < width / height
  return wide
    ? { width: size.width, height: Math.max(1, Math.floor((height * size.width) / width)) }
    : { width: Math.max(1, Math.floor((width * size.height) / height)), height: size.height }
}

const middleOf = (whole: Size, size: Size): Region => ({
  left: (whole.width - size.width) >> 1,
  top: (whole.height - size.height) >> 1,
  ...size,
})

/** In the middle, its borders drawn out to the sides. */
function extended(data: Uint8Array, own: Size, { width, height }: Size, channels: number): Uint8Array {
  const [left, top] = [(width >> 1) - (own.width >> 1), (height >> 1) - (own.height >> 1)]
  const out = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (nearest(y - top, own.height) * own.width + nearest(x - left, own.width)) * channels
      for (let c = 0; c < channels; c++) out[(y * width + x) * channels + c] = data[from + c] ?? 0
    }
  return out
}

const nearest = (at: number, length: number): number => Math.min(length - 1, Math.max(0, at))
