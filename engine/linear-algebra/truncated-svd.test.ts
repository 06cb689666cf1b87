import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import { squaredNorm, timesColumns, transpose, zeros, type Matrix } from './matrix.ts'
import { product, timesTransposed } from './product.ts'
import { thinQr } from './thin-qr.ts'
import { truncatedSvd, type Truncated } from './truncated-svd.ts'

const random = (rows: number, columns: number, seed: number): Matrix => ({
  rows,
  columns,
  data: randomStream(seed, 'matrix', 0).normal(rows * columns),
})

/** With these singular values. */
function spectrum(rows: number, columns: number, values: readonly number[]): Matrix {
  const [u, v] = [thinQr(random(rows, values.length, 1)).q, thinQr(random(columns, values.length, 2)).q]
  return timesTransposed(timesColumns(u, values), v)
}

function apart(a: Matrix, { u, s, v }: Truncated): number {
  const back = timesTransposed(timesColumns(u, s), v)
  return Math.sqrt(squaredNorm({ ...a, data: Float64Array.from(a.data, (value, i) => value - (back.data[i] ?? NaN)) }) / squaredNorm(a))
}

const falling = Array.from({ length: 150 }, (_, i) => 1 / (1 + i) ** 0.7)
const rest = (from: number): number =>
  Math.sqrt(falling.slice(from).reduce((sum, value) => sum + value ** 2, 0) / falling.reduce((sum, value) => sum + value ** 2, 0))

test('a large matrix to a rank: as near as it can be, and the error that it tells is its own', async () => {
  const a = spectrum(300, 500, falling)
  const found = await truncatedSvd(a, { rank: 16 })
  expect([found.exact, found.s.length, found.u.rows, found.v.rows]).toEqual([false, 16, 300, 500])
  expect(Math.abs(found.error - apart(a, found))).toBeLessThan(1e-9)
  expect(found.error / rest(16)).toBeLessThan(1.002)
  expect(found.error).toBeGreaterThanOrEqual(rest(16) * (1 - 1e-9))
})

test('to a share of the energy: the least rank that keeps it, however it is found', async () => {
  const energy = 0.9
  const least = falling.findIndex((_, i) => 1 - rest(i) ** 2 >= energy)
  const large = await truncatedSvd(spectrum(300, 500, falling), { energy })
  const whole = await truncatedSvd(spectrum(200, 210, falling), { energy: 0.9999999 })
  const small = await truncatedSvd(spectrum(60, 90, falling.slice(0, 50)), { energy: 1 })
  expect([large.exact, large.s.length]).toEqual([false, least])
  expect([whole.exact, whole.s.length]).toEqual([true, 150])
  expect([small.exact, small.s.length, small.error < 1e-12]).toEqual([true, 50, true])
  expect((await truncatedSvd(spectrum(300, 500, falling), { energy, most: 12 })).s).toHaveLength(12)
})

test('a product that is handed in is used; zeros have no error', async () => {
  let asked = 0
  const multiply = (a: Matrix, b: Matrix): Promise<Matrix> => {
    asked++
    return Promise.resolve(product(a, b))
  }
  const found = await truncatedSvd(spectrum(200, 260, falling.slice(0, 20)), { rank: 20 }, { multiply })
  expect([asked > 4, found.error < 1e-12]).toEqual([true, true])
  expect((await truncatedSvd(zeros(150, 200), { rank: 3 })).error).toBe(0)
  expect((await truncatedSvd(transpose(zeros(150, 3)), { energy: 0.5 })).s).toHaveLength(0)
})
