// Spearman's rank correlation, and how far it may be by chance.
import { seededRandom, shuffled } from '../../pretrain/data/random.ts'

export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranks(a), ranks(b))
}

/** The share of random orders of `b` that agree with `a` at least as well. */
export function chanceOf(a: readonly number[], b: readonly number[], draws = 10_000): number {
  const found = spearman(a, b)
  const random = seededRandom(3)
  let better = 0
  for (let i = 0; i < draws; i++) if (spearman(a, shuffled(b, random)) >= found) better++
  return better / draws
}

/** Equal values share the mean of their places. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((x, y) => x - y)
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2)
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const sum = (x: readonly number[], y: readonly number[], mx: number, my: number): number =>
    x.reduce((total, value, i) => total + (value - mx) * ((y[i] ?? 0) - my), 0)
  return sum(a, b, ma, mb) / Math.sqrt(sum(a, a, ma, ma) * sum(b, b, mb, mb))
}
