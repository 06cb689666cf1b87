// Sizes that a model was not made for.

/** Twice as large a side doubles shapes, half as large a one makes them fall apart. */
const [least, most] = [1 / 2, 2]

/** Whether a picture of so many pixels is far from those of the model, a square of `side`. */
export function isFarSize(side: number, width: number, height: number): boolean {
  const ratio = Math.sqrt(width * height) / side
  return ratio <= least || ratio >= most
}
