// SVG icon → pixels: drawn at twice the size with a margin, then halved without ringing.
import sharp from 'sharp'
import type { Icon } from './icons.ts'

/** RGB on white, and how much of each pixel is covered, so that another background can be put behind it later. */
export interface Picture {
  readonly rgb: Uint8Array
  readonly alpha: Uint8Array
}

const marginShare = 0.06

/** The icon as a square SVG of `size` px with an even margin around its longer side. */
export function squareSvg(icon: Icon, size: number): Buffer {
  const longer = Math.max(icon.width, icon.height)
  const side = longer * (1 + 2 * marginShare)
  const x = icon.left - (side - icon.width) / 2
  const y = icon.top - (side - icon.height) / 2
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" color="black" width="${size}" height="${size}" viewBox="${x} ${y} ${side} ${side}">${icon.body}</svg>`,
  )
}

/** The program itself reads no SVG; here they come from packages of the lockfile. */
export const allowSvg = (): void => sharp.unblock({ operation: ['VipsForeignLoadSvg'] })

/** Renders one icon at `size` × `size`. */
export async function renderIcon(icon: Icon, size: number): Promise<Picture> {
  allowSvg()
  const large = await sharp(squareSvg(icon, size * 2))
    .ensureAlpha()
    .raw()
    .toBuffer()
  const rgb = new Uint8Array(size * size * 3)
  const alpha = new Uint8Array(size * size)
  const stride = size * 2 * 4
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = 2 * y * stride + 2 * x * 4
      const corners = [at, at + 4, at + stride, at + stride + 4]
      const cover = corners.reduce((sum, corner) => sum + (large[corner + 3] ?? 0), 0)
      alpha[y * size + x] = Math.round(cover / 4)
      for (let channel = 0; channel < 3; channel++) {
        const colour = corners.reduce((sum, corner) => sum + (large[corner + channel] ?? 0) * (large[corner + 3] ?? 0), 0)
        rgb[(y * size + x) * 3 + channel] = Math.round((colour / 255 + 255 * (4 - cover / 255)) / 4)
      }
    }
  return { rgb, alpha }
}
