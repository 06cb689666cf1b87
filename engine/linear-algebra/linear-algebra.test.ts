import { expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { randomStream } from '../tensor/philox.ts'
import { factoredSvd, type FactoredTerm } from './factored-svd.ts'
import { diagonal, matrixOf, squaredNorm, stackColumns, stackRows, timesColumns, transpose, zeros, type Matrix } from './matrix.ts'
import { gram, product, timesTransposed } from './product.ts'
import { svd, symmetricEigen, type Svd } from './svd.ts'
import { thinQr } from './thin-qr.ts'

const random = (rows: number, columns: number, seed = 1): Matrix => ({
  rows,
  columns,
  data: Float64Array.from(randomStream(seed, 'matrix', 0).normal(rows * columns)),
})

const minus = (a: Matrix, b: Matrix): Matrix => ({ ...a, data: Float64Array.from(a.data, (value, i) => value - (b.data[i] ?? NaN)) })
const apart = (a: Matrix, b: Matrix): number => Math.sqrt(squaredNorm(minus(a, b)) / Math.max(squaredNorm(b), 1e-300))
const skew = (q: Matrix): number => Math.sqrt(squaredNorm(minus(product(transpose(q), q), diagonal(new Float64Array(q.columns).fill(1)))))
const whole = ({ u, s, v }: Svd): Matrix => timesTransposed(timesColumns(u, s), v)

test('products of every shape of rest are the sums of products that they stand for', () => {
  for (const [m, k, n] of [
    [1, 1, 1],
    [2, 513, 4],
    [7, 30, 9],
    [17, 1100, 6],
  ] as const) {
    const [a, b] = [random(m, k), random(k, n, 2)]
    const plain = zeros(m, n)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        plain.data[i * n + j] = Array.from({ length: k }, (_, l) => (a.data[i * k + l] ?? 0) * (b.data[l * n + j] ?? 0)).reduce(
          (x, y) => x + y,
        )
    expect(apart(product(a, b), plain)).toBeLessThan(1e-14)
    expect(apart(gram(a), product(a, transpose(a)))).toBeLessThan(1e-14)
  }
  expect(() => product(random(2, 3), random(2, 3))).toThrow('Cannot multiply 2 × 3 and 2 × 3.')
})

test('a tensor of a convolution is a matrix over the same numbers; fp32 is read as it is', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i)
  const a = matrixOf({ shape: [2, 3, 2, 2], data })
  expect([a.rows, a.columns, a.data === data]).toEqual([2, 12, true])
  expect(gram(a).data).toEqual(Float64Array.from([506, 1298, 1298, 3818]))
})

test('QR gives back its matrix from orthonormal columns, also where columns are zero or depend on each other', () => {
  const tall = random(60, 12)
  const dependent = stackColumns([tall, tall, zeros(60, 3)])
  for (const a of [tall, random(12, 60), dependent, zeros(5, 3), random(9, 9)]) {
    const { q, r } = thinQr(a)
    expect([q.rows, q.columns, r.rows, r.columns]).toEqual([a.rows, Math.min(a.rows, a.columns), Math.min(a.rows, a.columns), a.columns])
    expect(skew(q)).toBeLessThan(1e-13)
    expect(Math.sqrt(squaredNorm(minus(product(q, r), a)))).toBeLessThan(1e-12)
    for (let i = 0; i < r.rows; i++) for (let j = 0; j < i; j++) expect(r.data[i * r.columns + j]).toBe(0)
  }
})

test('the SVD of tall, wide, square and empty ones gives back the matrix, with values that fall', () => {
  for (const a of [random(70, 20), random(20, 70), random(33, 33), zeros(4, 4), timesColumns(random(40, 8), 1e-20)]) {
    const found = svd(a)
    expect([skew(found.u) < 1e-10, skew(found.v) < 1e-10]).toEqual([true, true])
    expect(Math.sqrt(squaredNorm(minus(whole(found), a)))).toBeLessThanOrEqual(1e-12 * Math.sqrt(squaredNorm(a)))
    expect(found.s.toSorted((x, y) => y - x)).toEqual(found.s)
  }
  expect(svd(zeros(0, 0)).s).toHaveLength(0)
})

test('singular values that are known: those of Hilbert’s matrix of 6, to fp64', () => {
  const hilbert = zeros(6, 6)
  for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) hilbert.data[i * 6 + j] = 1 / (i + j + 1)
  // numpy.linalg.svd of 1 / (i + j + 1)
  const recorded = [
    1.61889985892434, 0.24236087057521, 0.0163215213198758, 0.000615748354182638, 0.0000125707571226425, 0.000000108279948441176,
  ]
  const { s } = svd(hilbert)
  for (const [i, value] of recorded.entries()) expect(s[i]).toBeCloseTo(value, 14)
  const { values, vectors } = symmetricEigen(hilbert)
  for (const [i, value] of recorded.entries()) expect(values[i]).toBeCloseTo(value, 14)
  expect(apart(product(timesColumns(vectors, values), transpose(vectors)), hilbert)).toBeLessThan(1e-14)
})

test('a sum of low-rank products of unequal ranks has the SVD of the whole matrix', () => {
  const terms: FactoredTerm[] = [
    { up: random(40, 4, 1), down: random(4, 27, 2), scale: 0.5 },
    { up: random(40, 1, 3), down: random(1, 27, 4), scale: -2 },
    // An untrained layer.
    { up: zeros(40, 3), down: random(3, 27, 5), scale: 1 },
  ]
  const sum = terms
    .map(({ up, down, scale }) => timesColumns(product(up, down), scale))
    .reduce((a, b) => ({ ...a, data: Float64Array.from(a.data, (value, i) => value + (b.data[i] ?? 0)) }))
  const found = factoredSvd(terms)
  expect(found.s).toHaveLength(8)
  expect(apart(whole(found), sum)).toBeLessThan(1e-13)
  expect([skew(found.u) < 1e-12, skew(found.v) < 1e-12]).toEqual([true, true])
  const direct = svd(sum).s
  for (const [i, value] of found.s.entries()) expect(value).toBeCloseTo(direct[i] ?? NaN, 11)
  // More ranks than the layer has.
  expect(factoredSvd([{ up: random(3, 8), down: random(8, 5), scale: 1 }]).s).toHaveLength(3)
})

test('numbers that are none are refused by their place; so are layers that do not fit', () => {
  const broken = random(3, 3)
  broken.data[5] = NaN
  const codes = [() => thinQr(broken), () => svd(broken), () => symmetricEigen(broken), () => stackRows([random(2, 3), random(2, 4)])].map(
    (run) => {
      try {
        run()
        return 'none'
      } catch (error) {
        return error instanceof PigmentError ? [error.code, error.facts.place] : error
      }
    },
  )
  const place = [1, 2]
  expect(codes).toEqual([
    ['matrix-not-finite', place],
    ['matrix-not-finite', place],
    ['matrix-not-finite', place],
    ['matrix-shape', undefined],
  ])
})
