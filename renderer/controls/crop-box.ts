// The frame of a crop, in whole pixels of its picture: it never leaves the picture, and a shape once chosen stays.
export interface Size {
  readonly width: number
  readonly height: number
}

export interface CropBox extends Size {
  readonly left: number
  readonly top: number
}

/** Which corner is pulled: −1 is left or top, 1 right or bottom. */
export interface Corner {
  readonly x: -1 | 1
  readonly y: -1 | 1
}
export const corners: readonly Corner[] = [
  { x: -1, y: -1 },
  { x: 1, y: -1 },
  { x: -1, y: 1 },
  { x: 1, y: 1 },
]

const least = 8

/** The largest frame of a shape (width ÷ height), in the middle; without one, the whole picture. */
export function largestBox({ width, height }: Size, shape?: number): CropBox {
  if (shape === undefined) return { left: 0, top: 0, width, height }
  const w = Math.min(width, Math.max(1, Math.round(height * shape)))
  const h = Math.min(height, Math.max(1, Math.round(width / shape)))
  return { left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h }
}

export function movedBox(box: CropBox, dx: number, dy: number, picture: Size): CropBox {
  return {
    ...box,
    left: within(Math.round(box.left + dx), 0, picture.width - box.width),
    top: within(Math.round(box.top + dy), 0, picture.height - box.height),
  }
}

/** Pulls a corner; the one across from it stays. */
export function pulledBox(box: CropBox, { x, y }: Corner, dx: number, dy: number, picture: Size, shape?: number): CropBox {
  const [right, bottom] = [box.left + box.width, box.top + box.height]
  const widest = x < 0 ? right : picture.width - box.left
  const highest = y < 0 ? bottom : picture.height - box.top
  let width = within(Math.round(box.width + x * dx), Math.min(least, widest), widest)
  let height = within(Math.round(box.height + y * dy), Math.min(least, highest), highest)
  if (shape !== undefined) {
    // Whichever side was pulled further leads, as far as there is room for the other.
    const led = Math.abs(width - box.width) >= Math.abs(height - box.height) * shape ? width : height * shape
    const fitting = Math.min(led, widest, highest * shape)
    width = within(Math.round(fitting), 1, widest)
    height = within(Math.round(fitting / shape), 1, highest)
  }
  return { left: x < 0 ? right - width : box.left, top: y < 0 ? bottom - height : box.top, width, height }
}

const within = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))
