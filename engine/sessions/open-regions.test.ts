import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { regionFeeds } from '../adapters/region-feeds.ts'
import { stackFeeds } from '../adapters/stack-feeds.ts'
import type { ActiveTerm } from '../adapters/stack.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { placeOf } from '../models/unet-places.ts'
import { conv2d, linear } from '../nn/layers.ts'
import { Parameters } from '../nn/parameters.ts'
import { Regions } from '../nn/regions.ts'
import { Session } from '../runtime/session.ts'
import { relativeL2, type Tensor } from '../tensor/tensor.ts'
import { nothingMore, OpenModules } from './open-modules.ts'

interface Recorded {
  readonly heads: number
  readonly height: number
  readonly width: number
  readonly x: Tensor
  readonly context: Tensor
  readonly masks: readonly (readonly number[])[]
  readonly weights: Readonly<Record<string, Tensor>>
  readonly adapters: readonly Readonly<Record<string, { readonly down: Tensor; readonly up: Tensor }>>[]
  readonly out: Tensor
}

const config = { blockOutChannels: [8] }

/** Runs what `build` makes of layers with these weights, open for adapters in regions. */
async function computed(
  weights: ReadonlyMap<string, Tensor>,
  build: (parameters: Parameters, graph: Graph, regions: Regions) => Value,
  feeds: (modules: OpenModules['modules']) => Record<string, Tensor>,
): Promise<Tensor> {
  const graph = new Graph('layers')
  const regions = new Regions(graph)
  const { modules, adapt } = new OpenModules(
    graph,
    { ...nothingMore, convolutions: true },
    { regions, placeOf: (path) => placeOf(path, config) },
  )
  graph.output('out', build(new Parameters(graph, new Map(), { replaced: weights, adapt }), graph, regions))
  await using session = await Session.create(graph, { threads: 1 })
  const all = feeds(modules)
  return (await session.run(Object.fromEntries(session.inputNames.map((name) => [name, all[name] as Tensor])))).out as Tensor
}

const term = (down: Tensor, up: Tensor, group: number): ActiveTerm => {
  return { term: { kind: 'low-rank', down, up, alpha: down.shape[0] ?? 0 }, weight: 1, group }
}
const floats = ({ shape, data }: Tensor): Tensor => ({ shape, data: Float32Array.from(data) })

test('a cross-attention whose adapters act in regions is that of torch, which computes each cell with weights of its own', async () => {
  const recorded = JSON.parse(await readFile(new URL('fixtures/regions.json', import.meta.url), 'utf8')) as Recorded
  const { heads, height, width, masks, adapters } = recorded
  const path = 'down_blocks.0.attentions.0.transformer_blocks.0.attn2'
  const at = (name: string): string => `${path}.${name}`
  const terms = Object.keys(recorded.weights).map(
    (name) => [at(name), adapters.map((one, group) => term(floats(one[name]!.down), floats(one[name]!.up), group))] as const,
  )
  const { context } = recorded
  const [rows = 0, tokens = 0, inner = 0] = context.shape
  const out = await computed(
    new Map(Object.entries(recorded.weights).map(([name, weight]) => [`${at(name)}.weight`, floats(weight)])),
    (p, graph, regions) => {
      const [x, text] = [graph.input('x', 'float32', ['N', 'T', 8]), graph.input('context', 'float32', ['N', 'GT', 6])]
      const [q, k, v] = [linear(p, at('to_q'), x), linear(p, at('to_k'), text), linear(p, at('to_v'), text)]
      return linear(p, at('to_out.0'), regions.attention(q, k, v, { heads, level: 0 }))
    },
    (modules) => ({
      ...stackFeeds(new Map(terms), modules, 0, 3),
      ...regionFeeds(
        masks.map((mask) => ({ width, height, data: Uint8Array.from(mask) })),
        { height, width, levels: 1, tokens },
      ),
      x: floats(recorded.x),
      // Three groups, which hear the same text.
      context: { shape: [rows, 3 * tokens, inner], data: Float32Array.from(repeatedRows(context, 3)) },
    }),
  )
  expect(relativeL2(out.data, Float32Array.from(recorded.out.data))).toBeLessThan(5e-6)
})

function* repeatedRows({ shape: [rows = 0], data }: Tensor, times: number): Iterable<number> {
  const size = data.length / rows
  for (let row = 0; row < rows; row++) for (let i = 0; i < times; i++) yield* data.slice(row * size, (row + 1) * size)
}

test('by hand: a layer and a convolution of stride 2 add their pair where the mask is, and half of it where half a cell is covered', async () => {
  // Four rows of four; the right half is white, and of the last row all.
  const mask = { width: 4, height: 4, data: Uint8Array.from([0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 255, 255]) }
  const ones = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) })
  const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) })
  const [flat, strided] = ['conv_in', 'down_blocks.0.downsamplers.0.conv']
  const feeds = (terms: ReadonlyMap<string, readonly ActiveTerm[]>, x: Tensor) => (modules: OpenModules['modules']) => ({
    ...stackFeeds(terms, modules, 0, 2),
    ...regionFeeds([mask], { height: 4, width: 4, levels: 2, tokens: 1 }),
    x,
  })
  // y = 0·x + m · 3 · (x₁ + x₂), of x = 1.
  const tokens = await computed(
    new Map([[`${flat}.weight`, zeros(1, 2)]]),
    (p, graph) => linear(p, flat, graph.input('x', 'float32', ['N', 'T', 2])),
    feeds(new Map([[flat, [term(ones(1, 2), { shape: [1, 1], data: Float32Array.of(3) }, 1)]]]), ones(1, 16, 2)),
  )
  expect([...tokens.data]).toEqual([...mask.data].map((value) => (value > 0 ? 6 : 0)))
  // A window of one cell at every second place; each output cell is of four cells of the mask.
  const down = await computed(
    new Map([[`${strided}.weight`, zeros(1, 1, 1, 1)]]),
    (p, graph) => conv2d(p, strided, graph.input('x', 'float32', ['N', 1, 'H', 'W']), { stride: 2 }),
    feeds(new Map([[strided, [term(ones(1, 1, 1, 1), { shape: [1, 1, 1, 1], data: Float32Array.of(4) }, 1)]]]), ones(1, 1, 4, 4)),
  )
  expect([...down.data]).toEqual([0, 4, 2, 4])
})
