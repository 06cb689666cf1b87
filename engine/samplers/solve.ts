/** The solution of a few linear equations, by elimination with the largest pivot. */
export function solved(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = rows.map((row, i) => [...row, right[i] ?? NaN])
  const at = (i: number, j: number): number => a[i]?.[j] ?? NaN
  for (let k = 0; k < a.length; k++) {
    let pivot = k
    for (let i = k + 1; i < a.length; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i
    const [upper, lower] = [a[k] ?? [], a[pivot] ?? []]
    a[k] = lower
    a[pivot] = upper
    for (let i = 0; i < a.length; i++) {
      if (i === k) continue
      const factor = at(i, k) / at(k, k)
      a[i] = (a[i] ?? []).map((value, j) => value - factor * at(k, j))
    }
  }
  return a.map((row, i) => (row.at(-1) ?? NaN) / at(i, i))
}
