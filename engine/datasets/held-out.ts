// Pictures that training does not see, so that what was learnt can be measured on them.

/** Every so many-th in their order goes apart: the same set gives the same ones, at least one is trained on, and a share of 0 keeps all. */
export function heldOut<T>(pictures: readonly T[], share: number): { readonly trained: readonly T[]; readonly apart: readonly T[] } {
  const goes = (i: number): boolean => Math.floor((i + 1) * share) > Math.floor(i * share)
  const apart = pictures.filter((_, i) => goes(i))
  return apart.length === pictures.length ? { trained: pictures, apart: [] } : { trained: pictures.filter((_, i) => !goes(i)), apart }
}
