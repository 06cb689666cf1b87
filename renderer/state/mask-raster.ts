// What a brush does to a mask: 255 is drawn anew, 0 stays. In pixels of the picture; a pixel counts by its middle.
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}
interface Raster {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}
interface Spot {
  readonly x: number
  readonly y: number
}

/** A stroke with round ends from one spot to another. Gives the box of what it may have changed. */
export function stroke({ width, height, data }: Raster, from: Spot, to: Spot, radius: number, value: 0 | 255): Box {
  const box = inside({ width, height }, [
    Math.min(from.x, to.x) - radius,
    Math.min(from.y, to.y) - radius,
    Math.max(from.x, to.x) + radius,
    Math.max(from.y, to.y) + radius,
  ])
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = dx * dx + dy * dy
  // The smallest brush still takes the pixel that it is on.
  const reach = Math.max(radius, Math.SQRT1_2) ** 2
  for (let y = box.top; y < box.top + box.height; y++)
    for (let x = box.left; x < box.left + box.width; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y]
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length))
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= reach) data[y * width + x] = value
    }
  return box
}

/** What lies within a box of whole pixels, as far as it is in the picture. */
export function rectangle({ width, height, data }: Raster, { left, top, ...size }: Box, value: 0 | 255): Box {
  const box = inside({ width, height }, [left, top, left + size.width, top + size.height])
  for (let y = box.top; y < box.top + box.height; y++) data.fill(value, y * width + box.left, y * width + box.left + box.width)
  return box
}

export function invert({ data }: Raster): void {
  for (let i = 0; i < data.length; i++) data[i] = 255 - (data[i] ?? 0)
}

/** How much of it is drawn anew, from 0 to 1. */
export const covered = ({ data }: Raster): number => data.reduce((sum, value) => sum + (value >= 128 ? 1 : 0), 0) / Math.max(1, data.length)

function inside({ width, height }: Omit<Raster, 'data'>, [x0, y0, x1, y1]: readonly [number, number, number, number]): Box {
  const [left, top] = [Math.min(width, Math.max(0, Math.floor(x0))), Math.min(height, Math.max(0, Math.floor(y0)))]
  const [right, bottom] = [Math.min(width, Math.ceil(x1)), Math.min(height, Math.ceil(y1))]
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) }
}
