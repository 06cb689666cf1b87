import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Family } from '../checkpoint/config.ts'
import { Graph, Value } from '../graph/graph.ts'
import { graphMemory } from '../graph/memory.ts'
import { add, cast, matMul, mul, reduceMean, softmax, transpose } from '../graph/math.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import '../ops/index.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { denoised } from '../models/denoised.ts'
import { Parameters } from '../nn/parameters.ts'
import { trainRequest, type TrainRequest } from '../requests/train.ts'
import { Session, type Feed } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { frozenBase, packedBase } from '../training/base-weights.ts'
import { methodGraph } from '../training/method-graph.ts'
import { halfPrecision, inPrecision } from './half-precision.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-half-'))
  for (const family of ['sd1', 'sdxl'] as const) await writeDiffusers(join(folder, family), soundModel(family))
})
afterAll(() => rm(folder, { recursive: true }))

const sizes: Readonly<Record<string, number>> = { N: 2, H: 8, W: 8, T: 7 }
/** Ordinary numbers for every input: noise, a timestep in the middle, small adapters. */
function feedsOf(graph: Graph, trained: readonly Value[] = []): Record<string, Feed> {
  return Object.fromEntries(
    graph.inputs.map((input) => {
      const shape = input.shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] ?? 1)))
      const data = randomStream(1, input.name, 0).normal(elementCount(shape))
      if (input.name === 'timestep') data.fill(500)
      if (input.name === 'weight' || input.name === 'loss_scale') data.fill(1)
      return [input.name, { shape, data: trained.includes(input) ? data.map((value) => value * 0.05) : data }]
    }),
  )
}

async function run(graph: Graph, feeds: Record<string, Feed>): Promise<Record<string, Tensor>> {
  await using session = await Session.create(graph, { threads: 1, optimize: 'none' })
  return await session.run(feeds)
}

const typesOf = (graph: Graph) => Object.fromEntries(graph.nodes.flatMap(({ outputs }) => outputs.map(({ name, dtype }) => [name, dtype])))

test('products are taken in 16 bits, statistics and sums inside in fp32; inputs and outputs stay fp32', () => {
  const graph = new Graph('rules')
  const x = graph.input('x', 'float32', ['N', 4])
  const trained = graph.input('trained', 'float32', [4, 4])
  const source = { file: '/weights', dtype: 'float16', shape: [4, 4], offset: 0, length: 32 } as const
  const weight = cast(graph.weight('w', source), 'float32')
  const y = matMul(x, weight)
  const attended = softmax(add(y, 0.5))
  const learnt = matMul(trained, trained)
  const squares = graph.precise(() => mul(y, y))
  graph.output('y', matMul(attended, learnt))
  graph.output('mean', reduceMean(squares, [0, 1], false))
  const low = halfPrecision(graph, 'float16')
  expect(low.inputs.map(({ dtype }) => dtype)).toEqual(['float32', 'float32'])
  expect(low.outputs.map(({ value }) => value.dtype)).toEqual(['float32', 'float32'])
  const types = typesOf(low)
  expect(types).toMatchObject({ MatMul_out: 'float16', Add_out: 'float16', 'Softmax_out.inside': 'float32', Softmax_out: 'float16' })
  // Of what is learnt alone a weight is made; it is as exact as what it is made of.
  expect(types).toMatchObject({ MatMul_1_out: 'float32', MatMul_2_out: 'float16', Mul_out: 'float32' })
  // A weight of 16 bits goes in as it lies in its file.
  expect(low.constants.find(({ name }) => name === 'w')).toMatchObject({ dtype: 'float16', constant: { source } })
  expect(low.nodes.some(({ inputs, op }) => op === 'Cast' && inputs[0]?.name === 'w')).toBe(false)
})

test('what is made of a weight twice is made once, and a weight that is turned back is the weight', () => {
  const graph = new Graph('copies')
  const source = { file: '/weights', dtype: 'float16', shape: [4, 2], offset: 0, length: 16 } as const
  const weight = cast(graph.weight('w', source), 'float32')
  const x = graph.input('x', 'float32', ['N', 2])
  const y = add(matMul(x, transpose(weight, [1, 0])), matMul(mul(x, 2), transpose(weight, [1, 0])))
  graph.output('y', matMul(y, transpose(transpose(weight, [1, 0]), [1, 0])))
  const low = halfPrecision(graph, 'float16')
  expect(low.nodes.filter(({ op }) => op === 'Transpose')).toHaveLength(1)
  expect(low.nodes.findLast(({ op }) => op === 'MatMul')?.inputs[1]?.name).toBe('w')
})

test('bf16 is the same graph with the other type, and a file of fp16 is cast', () => {
  const graph = new Graph('bf16')
  const source = { file: '/weights', dtype: 'float16', shape: [4, 4], offset: 0, length: 32 } as const
  const y = matMul(graph.input('x', 'float32', ['N', 4]), cast(graph.weight('w', source), 'float32'))
  graph.output('y', mul(y, graph.constant('float32', [1], [1.00390625])))
  const low = halfPrecision(graph, 'bfloat16')
  expect(typesOf(low)).toMatchObject({ 'w.half': 'bfloat16', MatMul_out: 'bfloat16', Mul_out: 'bfloat16' })
  // Written out, rounded to nearest even: 1.00390625 lies between 1 and 1.0078125.
  expect(low.constants.find(({ dtype, shape }) => dtype === 'bfloat16' && shape.length === 1)?.constant).toEqual({
    bytes: Uint8Array.of(0x80, 0x3f),
  })
})

test('a body reads what is around it in the type that it is in, and stacks what it tells', async () => {
  const graph = new Graph('around')
  const x = graph.input('x', 'float32', [4, 3])
  const w = graph.constant('float32', [3, 2], [0.5, -1, 2, 0.25, 1, -0.5])
  const y = matMul(x, w)
  const body = new Graph('body')
  const round = body.input('round', 'int64', [])
  body.output('on', body.op('Identity', [body.input('go', 'bool', [])])[0] as Value)
  const total = body.input('total', 'float32', [2])
  const row = body.op('Slice', [
    body.outer(y),
    ...['first', 'last'].map(
      (name, i) => body.op('Reshape', [add(round, body.constant('int64', [], [i])), body.constant('int64', [1], [1])])[0] as Value,
    ),
    body.constant('int64', [1], [0]),
  ])[0] as Value
  const flat = body.op('Reshape', [row, body.constant('int64', [1], [2])])[0] as Value
  body.output('sum', add(total, flat))
  body.output('row', mul(flat, 2))
  const [sum, rows] = graph.op(
    'Loop',
    [graph.constant('int64', [], [4]), graph.constant('bool', [], [1]), graph.constant('float32', [2], [0, 0])],
    { body },
  )
  graph.output('sum', sum as Value)
  graph.output('rows', rows as Value)
  const feeds = { x: { shape: [4, 3], data: randomStream(1, 'x', 0).normal(12) } }
  const [full, half] = [await run(graph, feeds), await run(halfPrecision(graph, 'float16'), feeds)]
  for (const name of ['sum', 'rows']) expect(relativeL2(half[name]?.data ?? [], full[name]?.data ?? [])).toBeLessThan(2e-3)
  expect(half.rows?.data).not.toEqual(full.rows?.data)
})

test.each(['sd1', 'sdxl'] as const)('%s: the prediction in fp16 is within 2e-2', async (family) => {
  const checkpoint = await openCheckpoint(join(folder, family))
  const graph = new Graph('unet')
  graph.output('out', denoised(new Parameters(graph, checkpoint.unet.weights), checkpoint, { fused: true }))
  const feeds = feedsOf(graph)
  const [full, half] = [await run(graph, feeds), await run(inPrecision(graph, 'fp16'), feeds)]
  const error = relativeL2(half.out?.data ?? [], full.out?.data ?? [])
  expect(error).toBeLessThan(2e-2)
  expect(error).toBeGreaterThan(1e-5)
})

const cases: readonly (readonly [string, Family, Pick<TrainRequest, 'variant' | 'baseWeights' | 'recompute'>])[] = [
  ['a recomputed LoRA', 'sd1', { variant: 'lora', recompute: true }],
  ['a DoRA over NF4', 'sd1', { variant: 'dora', recompute: false, baseWeights: 'nf4' }],
]
test.each(cases)('gradients of %s point as those of fp32 do, in less memory', async (_, family, options) => {
  const checkpoint = await openCheckpoint(join(folder, family))
  const request = trainRequest.parse({ dataset: 'x', rank: 2, alpha: 2, ...options })
  const base = await taken(packedBase(frozenBase(checkpoint, request), request))
  const { graph, trained } = methodGraph(checkpoint, request, { base, scaled: true })
  const low = inPrecision(graph, 'fp16')
  const [before, after] = [graph, low].map((one) => graphMemory(one, sizes).values) as [number, number]
  expect(after).toBeLessThan(before)
  const feeds = feedsOf(graph, trained)
  const [full, half] = [await run(graph, feeds), await run(low, feeds)]
  expect(Math.abs((half.loss?.data[0] ?? NaN) / (full.loss?.data[0] ?? NaN) - 1)).toBeLessThan(1e-2)
  const both = (of: Record<string, Tensor>): Float32Array =>
    Float32Array.from(trained.flatMap(({ name }) => [...(of[`d/${name}`]?.data ?? [])]))
  expect(cosine(both(half), both(full))).toBeGreaterThan(0.999)
})

async function taken<T>(work: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const turn = await work.next()
    if (turn.done) return turn.value
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? NaN), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
