// Rows that hold every two values of different factors at least once, where any row that fits holds them: most faults of settings are of two together.
type Factors = Readonly<Record<string, readonly unknown[]>>
type RowOf<F extends Factors> = { readonly [K in keyof F]: F[K][number] }

/** Of all rows that fit, always the one with the most pairs that no row before it has; the same factors give the same rows. */
export function pairwise<F extends Factors>(factors: F, fits: (row: RowOf<F>) => boolean): readonly RowOf<F>[] {
  const names = Object.keys(factors)
  let indices: number[][] = [[]]
  for (const name of names) indices = indices.flatMap((row) => (factors[name] ?? []).map((_, i) => [...row, i]))
  const rowOf = (row: readonly number[]) => Object.fromEntries(names.map((name, k) => [name, factors[name]?.[row[k] ?? 0]])) as RowOf<F>
  const pairs = (row: readonly number[]): string[] =>
    row.flatMap((value, k) => row.slice(k + 1).map((other, l) => `${k}=${value},${k + 1 + l}=${other}`))
  let left = indices.filter((row) => fits(rowOf(row))).map((row) => ({ row, pairs: pairs(row) }))
  const chosen: RowOf<F>[] = []
  const covered = new Set<string>()
  while (left.length > 0) {
    let best = left[0] as (typeof left)[number]
    for (const one of left) if (one.pairs.length > best.pairs.length) best = one
    chosen.push(rowOf(best.row))
    for (const pair of best.pairs) covered.add(pair)
    left = left.flatMap(({ row, pairs: open }) => {
      const still = open.filter((pair) => !covered.has(pair))
      return still.length > 0 ? [{ row, pairs: still }] : []
    })
  }
  return chosen
}
