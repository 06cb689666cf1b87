// Sizes that a model was not made for.

/** Twice as large a side doubles shapes, half as large a one makes them fall apart. */
const [least, most] = [1 / 2, 2]

/** Whether a picture of so many pixels is far from those of the model, a square of `side`. */
export function isFarSize(side: number, width: number, height: number): boolean {
  const ratio = Math.sqrt(width * height) / side
  return ratio <= least || ratio >= most
}

/** A size of the same proportions near that of the model; sides are multiples of `step`. */
export function nearSize(side: number, width: number, height: number, step: number): { readonly width: number; readonly height: number } {
  const scale = side / Math.sqrt(width * height)
  const whole = (length: number): number => Math.max(step, Math.round((length * scale) / step) * step)
  return { width: whole(width), height: whole(height) }
}
