// A change of a weight as a product of two thin matrices, every scale counted in, and what can be known of it without forming it.
import { stackColumns, stackRows, squaredNorm, timesColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts'
import { gram, product, timesTransposed } from '../linear-algebra/product.ts'

/** ΔW = up · down: (O, R) and (R, I). */
export interface Factors {
  readonly up: Matrix
  readonly down: Matrix
}

export const isFactors = (made: Factors | Matrix): made is Factors => 'up' in made

/** One beside the other: their sum, exactly, each times its weight. */
export const sumOfFactors = (all: readonly (readonly [factors: Factors, weight: number])[]): Factors => ({
  up: stackColumns(all.map(([{ up }, weight]) => timesColumns(up, weight))),
  down: stackRows(all.map(([{ down }]) => down)),
})

/** ‖ΔW‖² in Frobenius' norm: tr(UᵀU · DDᵀ) of factors. */
export function squaredOf(change: Factors | Matrix): number {
  if (!isFactors(change)) return squaredNorm(change)
  const [up, down] = [gram(transpose(change.up)), gram(change.down)]
  let sum = 0
  for (let i = 0; i < up.data.length; i++) sum += (up.data[i] as number) * (down.data[i] as number)
  return Math.max(0, sum)
}

/** ‖A − up · down‖², where the squared norms of both are known: of factors what is left is the inner product of the two. */
export function squaredDifference(a: Factors | Matrix, aSquared: number, factors: Factors, squared: number): number {
  if (isFactors(a)) {
    const up = timesTransposed(transpose(a.up), transpose(factors.up))
    const down = timesTransposed(a.down, factors.down)
    let inner = 0
    for (let i = 0; i < up.data.length; i++) inner += (up.data[i] as number) * (down.data[i] as number)
    return Math.max(0, aSquared - 2 * inner + squared)
  }
  const { data } = product(factors.up, factors.down)
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += ((a.data[i] as number) - (data[i] as number)) ** 2
  return sum
}
