import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { overlapCells, partsOf, tileCells, tiled } from './tiles.ts'

test('parts cover a side, are of one length, and overlap enough', () => {
  for (const side of [1, tileCells, tileCells + 1, 96, 100, 128, 200, 333]) {
    const parts = partsOf(side)
    expect(parts[0]?.[0]).toBe(0)
    expect(parts.at(-1)?.[1]).toBe(side)
    for (const [i, [from, to]] of parts.entries()) {
      expect(to - from).toBe(Math.min(side, tileCells))
      const next = parts[i + 1]
      if (next) expect(to - next[0]).toBeGreaterThanOrEqual(overlapCells)
    }
  }
})

/** Each cell becomes a square of `factor` times itself. */
const grown =
  (factor: number) =>
  async (x: Tensor): Promise<Record<string, Tensor>> => {
    const [, c = 0, h = 0, w = 0] = x.shape
    const shape = [1, c, h * factor, w * factor]
    const at = (i: number): number => {
      const [plane, rest] = [Math.floor(i / (h * w * factor ** 2)), i % (h * w * factor ** 2)]
      return (plane * h + Math.floor(Math.floor(rest / (w * factor)) / factor)) * w + Math.floor((rest % (w * factor)) / factor)
    }
    return Promise.resolve({ y: { shape, data: Float32Array.from({ length: c * h * w * factor ** 2 }, (_, i) => x.data[at(i)] ?? NaN) } })
  }

test('what does not look beyond a cell comes out as from the whole', async () => {
  const shape = [1, 2, 70, 90]
  const x = { shape, data: randomStream(1, 'x', 0).normal(2 * 70 * 90) }
  const { y } = await tiled(x, { input: 1, output: 2 }, grown(2))
  const whole = await grown(2)(x)
  expect(y?.shape).toEqual(whole.y?.shape)
  expect(Math.max(...(y?.data ?? []).map((value, i) => Math.abs(value - (whole.y?.data[i] ?? NaN))))).toBeLessThan(1e-5)
})

test('the other way, from pixels to cells; where parts disagree the change is gradual', async () => {
  const factor = 4
  const x = { shape: [1, 1, 8 * factor, 100 * factor], data: new Float32Array(8 * 100 * factor ** 2) }
  let part = 0
  const { y } = await tiled(x, { input: factor, output: 1 }, async ({ shape }) => {
    const size = ((shape[2] ?? 0) / factor) * ((shape[3] ?? 0) / factor)
    return Promise.resolve({ y: { shape: [1, 1, 8, (shape[3] ?? 0) / factor], data: new Float32Array(size).fill(part++) } })
  })
  const row = [...(y?.data.subarray(0, 100) ?? [])]
  expect([row[0], row[99]]).toEqual([0, 1])
  for (let i = 1; i < 100; i++) expect((row[i] ?? 0) - (row[i - 1] ?? 0)).toBeLessThan(0.1)
})

test('parts of what goes on at its other end see that, and leave nothing of it', async () => {
  const [h, w] = [8, 80]
  const x = { shape: [1, 1, h, w], data: randomStream(3, 'cells', 0).normal(h * w) }
  /** The sum of a cell and of those to its sides, which are 0 beyond an edge. */
  const sums = async ({ shape, data }: Tensor): Promise<Record<string, Tensor>> => {
    const [, , , wide = 1] = shape
    const beside = (i: number, by: number): number => (Math.floor((i + by) / wide) === Math.floor(i / wide) ? (data[i + by] ?? 0) : 0)
    return Promise.resolve({ y: { shape, data: data.map((value, i) => value + beside(i, 1) + beside(i, -1)) } })
  }
  const { y } = await tiled(x, { input: 1, output: 1, wraps: [3] }, sums)
  const at = (row: number, column: number): number => x.data[row * w + ((column + w) % w)] ?? NaN
  expect(y?.shape).toEqual([1, 1, h, w])
  for (const i of [0, w - 1, 5 * w, 5 * w + 40, 8 * w - 1]) {
    const [row, column] = [Math.floor(i / w), i % w]
    expect(y?.data[i]).toBeCloseTo(at(row, column - 1) + at(row, column) + at(row, column + 1), 5)
  }
})
