import { expect, test } from 'vitest'
import { Graph } from '../../graph/graph.ts'
import '../../ops/index.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Muon, orthogonal } from './muon.ts'

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)

/** `count` orthonormal vectors of `length` numbers (Gram and Schmidt). */
function orthonormal(count: number, length: number, seed: number): number[][] {
  const vectors: number[][] = []
  for (let n = 0; n < count; n++) {
    let v = [...randomStream(seed, 'vector', n).normal(length)]
    for (const u of vectors) {
      const along = dot(u, v)
      v = v.map((x, i) => x - along * (u[i] ?? 0))
    }
    const norm = Math.sqrt(dot(v, v))
    vectors.push(v.map((x) => x / norm))
  }
  return vectors
}

/** Σ sₖ uₖ vₖᵀ, row by row. */
const matrix = (s: readonly number[], u: readonly number[][], v: readonly number[][]): Float32Array =>
  Float32Array.from(
    (u[0] ?? []).flatMap((_, i) => (v[0] ?? []).map((_, j) => s.reduce((sum, x, k) => sum + x * (u[k]?.[i] ?? 0) * (v[k]?.[j] ?? 0), 0))),
  )

test.each([
  { rows: 6, columns: 20 },
  { rows: 20, columns: 6 },
  { rows: 6, columns: 6 },
])('every singular value of a $rows × $columns matrix becomes one, its directions stay', async ({ rows, columns }) => {
  const [u, v] = [orthonormal(6, rows, 1), orthonormal(6, columns, 2)]
  const values = [30, 20, 10, 5, 2, 1]
  const graph = new Graph('orthogonal')
  graph.output('o', orthogonal(graph.input('x', 'float32', [4, rows, columns])))
  await using session = await Session.create(graph, { threads: 1 })
  // Together with two that are far smaller, and zeros: the size of a gradient must not matter, and a first step has some that are nothing.
  const scales = [1, 1e-6, 1e-13, 0]
  const data = Float32Array.from(
    scales.flatMap((scale) => [
      ...matrix(
        values.map((x) => x * scale),
        u,
        v,
      ),
    ]),
  )
  const { o } = await session.run({ x: { shape: [scales.length, rows, columns], data } })
  const size = rows * columns
  expect([...(o as Tensor).data.subarray(3 * size)].every((x) => x === 0)).toBe(true)
  for (const at of [0, size, 2 * size])
    for (const [k, left] of u.entries())
      for (const [l, right] of v.entries()) {
        const image = right
          .map((_, i) => i)
          .reduce(
            (sum, j) =>
              sum +
              dot(
                left,
                left.map((_, i) => (o as Tensor).data[at + i * columns + j] ?? 0),
              ) *
                (right[j] ?? 0),
            0,
          )
        if (k === l) expect(Math.abs(image - 1)).toBeLessThan(0.11)
        else expect(Math.abs(image)).toBeLessThan(1e-3)
      }
})

test('an update is as large as AdamW would make it, shrinks weights and follows Nesterov’s momentum', async () => {
  const [rows, columns, lr, momentum, weightDecay] = [4, 9, 0.1, 0.95, 0.2]
  const [u, v] = [orthonormal(4, rows, 3), orthonormal(4, columns, 4)]
  const ones = [1, 1, 1, 1]
  const direction = matrix(ones, u, v)
  // A weight before and behind it is left alone.
  const params = new Float32Array(rows * columns + 2).fill(1)
  const grads = Float32Array.from([5, ...direction.map((x) => x * 7), 5])
  const m = new Float32Array(params.length)
  await using muon = await Muon.create([{ name: 'w', shape: [rows, 3, 3], offset: 1 }], 1)
  await muon.update(params, grads, m, { lr, momentum, weightDecay })
  expect([params[0], params.at(-1), m[0], m.at(-1)]).toEqual([1, 1, 0, 0])
  const moved = Array.from(direction, (_, i) => (params[i + 1] ?? 0) - (1 - lr * weightDecay))
  // 0.2 is the usual root mean square of AdamW's update, divided by its rate.
  expect(Math.abs(Math.sqrt(dot(moved, moved) / moved.length) / (lr * 0.2) - 1)).toBeLessThan(0.11)
  expect(dot(moved, direction)).toBeLessThan(0)
  expect(m[1]).toBeCloseTo(0.05 * (grads[1] ?? 0), 5)

  // The gradient turns round: the mean of both still points the old way, and so does the step ahead, until the new gradient outweighs it.
  const before = Float32Array.from(params)
  await muon.update(
    params,
    grads.map((x) => x * -0.5),
    m,
    { lr, momentum, weightDecay: 0 },
  )
  expect(m[1]).toBeCloseTo(0.95 * 0.05 * (grads[1] ?? 0) - 0.05 * 0.5 * (grads[1] ?? 0), 5)
  // 0.95 · 0.0225 − 0.05 · 0.5 < 0: Nesterov's step goes the new way already, where the mean itself (0.0225 > 0) would not.
  expect(
    dot(
      Array.from(direction, (_, i) => (params[i + 1] ?? 0) - (before[i + 1] ?? 0)),
      direction,
    ),
  ).toBeGreaterThan(0)
})
