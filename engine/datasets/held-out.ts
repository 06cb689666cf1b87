// Pictures that training does not see, so that what was learnt can be measured on them.

/** How many: a share of all, or a number of them. */
export interface Apart {
  readonly heldOut: number
  readonly heldOutCount?: number | undefined
}

interface Split<T> {
  readonly trained: readonly T[]
  readonly apart: readonly T[]
}

/** Every so many-th in their order goes apart: the same set gives the same ones, at least one is trained on, and a share of 0 keeps all. */
export function heldOut<T>(pictures: readonly T[], share: number): Split<T> {
  return split(pictures, (i) => Math.floor(i * share))
}

/** The same of a request, where a number takes the place of the share. */
export function heldOutOf<T>(pictures: readonly T[], { heldOut: share, heldOutCount: count }: Apart): Split<T> {
  return count === undefined ? heldOut(pictures, share) : split(pictures, (i) => Math.floor((i * count) / pictures.length))
}

/** `before`: how many of the first i go apart. */
function split<T>(pictures: readonly T[], before: (i: number) => number): Split<T> {
  const goes = (i: number): boolean => before(i + 1) > before(i)
  const apart = pictures.filter((_, i) => goes(i))
  return apart.length === pictures.length ? { trained: pictures, apart: [] } : { trained: pictures.filter((_, i) => !goes(i)), apart }
}
