import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import { leadingVectors } from './leading.ts'
import type { Matrix } from './matrix.ts'
import { dot } from './orthogonal.ts'
import { svd } from './svd.ts'

const drawn = (rows: number, columns: number): Matrix => ({ rows, columns, data: randomStream(1, 'a', 0).normal(rows * columns) })

/** ‖UᵀV‖² of two sets of orthonormal vectors: their number where they span the same. */
const shared = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  a.flatMap((one) => b.map((other) => dot(one, other) ** 2)).reduce((sum, value) => sum + value, 0)

test.each([
  [7, 5, 2],
  [90, 60, 4],
  [60, 150, 8],
])('finds those of a %i × %i matrix, the first %i', (rows, columns, rank) => {
  const a = drawn(rows, columns)
  const { u } = svd(a)
  const exact = Array.from({ length: rank }, (_, r) => Float64Array.from({ length: rows }, (__, i) => u.data[i * u.columns + r] ?? 0))
  const { vectors, residual } = leadingVectors(a, rank)
  expect(residual).toBeLessThan(1e-10)
  expect(shared(vectors, exact)).toBeCloseTo(rank, 10)
  expect(shared(vectors, vectors)).toBeCloseTo(rank, 10)
})

test('also where values are equal, or fewer than are asked for', () => {
  const data = new Float64Array(36)
  for (let i = 0; i < 3; i++) data[i * 7] = 2
  const { vectors } = leadingVectors({ rows: 6, columns: 6, data }, 4)
  const axes = Array.from({ length: 3 }, (_, r) => Float64Array.from({ length: 6 }, (__, i) => (i === r ? 1 : 0)))
  expect(shared(vectors, axes)).toBeCloseTo(3, 10)
  expect(leadingVectors(drawn(4, 3), 8).vectors).toHaveLength(3)
  expect(leadingVectors({ rows: 3, columns: 3, data: new Float64Array(9) }, 2).vectors).toHaveLength(2)
})
