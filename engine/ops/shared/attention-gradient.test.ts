import { expect, test } from 'vitest'
import { backward } from '../../autodiff/backward.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import { graphMemory } from '../../graph/memory.ts'
import { mul, reduceSum } from '../../graph/math.ts'
import { attention } from '../../nn/layers.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import { attentionGradients } from './attention-gradient.ts'
import '../index.ts'

const [N, T, T2, heads, width] = [2, 13, 7, 3, 12]
const shapes = { q: [N, T, width], k: [N, T2, width], v: [N, T2, width], w: [N, T, width] }

function inputs(graph: Graph): Record<keyof typeof shapes, Value> {
  const [q, k, v, w] = ['q', 'k', 'v', 'w'].map((name) =>
    graph.input(name, 'float32', ['N', name === 'q' || name === 'w' ? 'T' : 'S', width]),
  ) as [Value, Value, Value, Value]
  return { q, k, v, w }
}

/** Gradients of Σ w ⊙ attention, by the open form and in chunks of so many scores. */
async function bothForms(most: number, change: (feeds: Record<string, Tensor>) => void = () => {}, mask?: readonly number[]) {
  const noise = (name: string, shape: readonly number[]): Tensor => ({
    shape: [...shape],
    data: randomStream(4, name, 0).normal(elementCount(shape)),
  })
  const feeds: Record<string, Tensor> = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, noise(name, shape)]))
  if (mask) feeds.mask = noise('mask', mask)
  change(feeds)
  const found: Record<string, Tensor>[] = []
  for (const chunked of [false, true]) {
    const graph = new Graph(chunked ? 'chunks' : 'open')
    const { q, k, v, w } = inputs(graph)
    const bias = mask && graph.input('mask', 'float32', mask)
    const output = attention(q, k, v, { heads, ...(bias ? { mask: bias } : {}) })
    const made = chunked
      ? Object.values(
          attentionGradients({ query: q, key: k, value: v, bias, output, grad: w, heads, scale: 1 / Math.sqrt(width / heads), most }),
        )
      : backward(reduceSum(mul(output, w), [0, 1, 2], false), [q, k, v])
    made.forEach((value, i) => graph.output(`d${i}`, value))
    await using session = await Session.create(graph, { threads: 1 })
    found.push(await session.run(feeds))
  }
  return found as [Record<string, Tensor>, Record<string, Tensor>]
}

function apart(one: readonly Tensor[], other: readonly Tensor[]): number {
  const all = (side: readonly Tensor[]): number[] => side.flatMap(({ data }) => [...data])
  const [a, b] = [all(one), all(other)]
  return Math.hypot(...a.map((x, i) => x - (b[i] as number))) / Math.hypot(...a)
}

// A chunk of 3 rows of which the last is filled up, one row each, and all at once.
test.each([20, 1, 1000])('chunks of %i scores give the gradients of the open form', async (most) => {
  const [open, chunked] = await bothForms(most)
  expect(apart(Object.values(open), Object.values(chunked))).toBeLessThan(1e-6)
})

test.each([[[1, 1, T, T2]], [[N, 1, T, T2]], [[1, heads, T, T2]], [[N, heads, T, T2]]])('under a mask of %j too', async (mask) => {
  const causal = ({ mask }: Record<string, Tensor>): void =>
    mask?.data.forEach((value, i, data) => (data[i] = i % T2 > Math.floor(i / T2) % T ? -Infinity : value))
  const [open, chunked] = await bothForms(20, causal, mask)
  expect(apart(Object.values(open), Object.values(chunked))).toBeLessThan(1e-6)
})

test.each([NaN, Infinity])('%d in a query, a key, a value or a gradient comes out where the open form has it', async (bad) => {
  for (const name of ['q', 'k', 'v', 'w']) {
    const [open, chunked] = await bothForms(20, (feeds) => feeds[name]?.data.fill(bad, 30, 31))
    for (const [key, { data }] of Object.entries(open))
      expect([...(chunked[key]?.data ?? [])].map(Number.isFinite), `${name} → ${key}`).toEqual([...data].map(Number.isFinite))
  }
})

/** Forward and backward of attention over so many tokens, as a graph that is told of it. */
function told(tokens: number): { readonly ops: readonly string[]; readonly bytes: number } {
  const graph = new Graph('told')
  const sizes = { N: 1, T: tokens, S: tokens }
  graph.expected = sizes
  const { q, k, v, w } = inputs(graph)
  const loss = reduceSum(mul(attention(q, k, v, { heads }), w), [0, 1, 2], false)
  backward(loss, [q, k, v]).forEach((value, i) => graph.output(`d${i}`, value))
  return { ops: graph.nodes.map(({ op }) => op), bytes: graphMemory(graph, sizes).values }
}

test('many tokens are taken in chunks, which the forecast of memory knows; few stay as they are', () => {
  expect(told(1024).ops).not.toContain('Loop')
  const many = told(4096)
  expect(many.ops).toContain('Loop')
  const scores = heads * 4096 ** 2 * 4
  expect(many.bytes).toBeGreaterThan(scores / 4)
  expect(many.bytes).toBeLessThan(scores)
})

test('a session over more scores than a chunk holds is right in what it gives', async () => {
  const [rows, one] = [4800, 4]
  const found: Float32Array[] = []
  for (const tokens of [0, 1e5]) {
    const graph = new Graph('large')
    graph.expected = { N: 1, T: tokens, S: tokens }
    const [q, k] = [graph.input('q', 'float32', ['N', 'T', one]), graph.input('k', 'float32', ['N', 'S', one])]
    const loss = reduceSum(mul(attention(q, k, k, { heads: 1 }), q), [0, 1, 2], false)
    backward(loss, [q, k]).forEach((value, i) => graph.output(`d${i}`, value))
    await using session = await Session.create(graph, { threads: 1 })
    const feed = (name: string, length: number): Tensor => ({
      shape: [1, length, one],
      data: randomStream(1, name, 0).normal(length * one),
    })
    const { d0, d1 } = await session.run({ q: feed('q', rows), k: feed('k', 2000) })
    found.push(Float32Array.from([...(d0?.data ?? []), ...(d1?.data ?? [])]))
  }
  const [open, chunked] = found as [Float32Array, Float32Array]
  expect(apart([{ shape: [], data: open }], [{ shape: [], data: chunked }])).toBeLessThan(1e-6)
})
