// Against build/reference/klora.py, the arithmetic of the paper's own code.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ActiveTerms } from '../stack.ts'
import type { Term } from '../term.ts'
import { topSum } from '../top-sum.ts'
import { kLora } from './k-lora.ts'

interface Pair {
  readonly up: readonly number[]
  readonly down: readonly number[]
  readonly outputs: number
  readonly rank: number
}
interface Recorded {
  readonly layers: readonly (readonly [Pair, Pair])[]
  readonly cases: readonly { alpha: number; beta: number; wraps: boolean; chosen: readonly (readonly number[])[] }[]
}
const { layers, cases } = JSON.parse(readFileSync(new URL('fixtures/klora.json', import.meta.url), 'utf8')) as Recorded

const term = ({ up, down, outputs, rank }: Pair): Term => ({
  kind: 'low-rank',
  up: { shape: [outputs, rank], data: Float32Array.from(up) },
  down: { shape: [rank, down.length / rank], data: Float32Array.from(down) },
  alpha: rank,
})
const terms: ActiveTerms = new Map(
  layers.map((pairs, n) => [`layer ${n}`, pairs.map((pair, i) => ({ term: term(pair), weight: i === 0 ? 0.7 : -1.2, entry: 2 + i }))]),
)
const steps = 10

test.each(cases)('α $alpha, β $beta, wrapped $wraps: each layer and step has the adapter that the reference takes', (recorded) => {
  const options = { kloraAlpha: recorded.alpha, kloraBeta: recorded.beta, kloraWrap: recorded.wraps }
  const share = kLora.shares({ terms, entries: [2, 3], steps }, options)
  const table = recorded.chosen.map((row, step) => row.map((_, n) => [2, 3].map((entry) => share(entry, `layer ${n}`, { step }))))
  expect(table).toEqual(recorded.chosen.map((row) => row.map((one) => (one === 0 ? [1, 0] : [0, 1]))))
  // The table tells layers and steps apart.
  expect(new Set(recorded.chosen.map(String)).size).toBeGreaterThan(2)
})

test('a layer that one of them changes is that one’s', () => {
  const [first] = layers
  const alone: ActiveTerms = new Map([...terms, ['own', [{ term: term((first as Recorded['layers'][number])[0]), weight: 1, entry: 3 }]]])
  const share = kLora.shares({ terms: alone, entries: [2, 3], steps }, { kloraAlpha: 1.5, kloraBeta: 0.5, kloraWrap: false })
  expect([share(3, 'own', { step: 0 }), share(3, 'own', { step: 9 })]).toEqual([1, 1])
})

test('the largest are summed whatever lies between them', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.abs(Math.sin(i * 7.3)) ** 5 * 10 ** (i % 5))
  const sorted = [...values].sort((a, b) => b - a)
  for (const count of [1, 2, 10, 500, 999, 1000])
    expect(topSum(values, count)).toBeCloseTo(
      sorted.slice(0, count).reduce((sum, value) => sum + value, 0),
      3,
    )
  expect(topSum(new Float32Array(5), 3)).toBe(0)
  expect(topSum(Float32Array.of(2, 2, 2), 2)).toBe(4)
})
