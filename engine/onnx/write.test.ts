import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dim } from '../graph/dims.ts'
import type { Graph } from '../graph/graph.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { writeSingleFile } from '../models/testing-single-file.ts'
import { tinyModel } from '../models/testing.ts'
import '../ops/index.ts'
import { Session, sourceOf, type Feed } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount } from '../tensor/tensor.ts'
import { loraGraph, type LoraGraphOptions } from '../training/training-graph.ts'
import { ModelProtoSchema, type GraphProto } from './onnx_pb.js'

let folder = ''
let tiny: Checkpoint
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pigment-write-'))
  const file = join(folder, 'tiny.safetensors')
  await writeSingleFile(file, tinyModel('sd1'))
  tiny = await openCheckpoint(file)
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (graph: Graph): GraphProto => fromBinary(ModelProtoSchema, sourceOf(graph).model).graph as GraphProto

/** What is written of each value inside, as the engine spells it. */
function told(graph: Graph): Map<string, Dim[]> {
  return new Map(
    read(graph).valueInfo.map(({ name, type }) => [
      name,
      type?.value.case === 'tensorType'
        ? (type.value.value.shape?.dim ?? []).map(({ value: { value = '?' } }) => (typeof value === 'bigint' ? Number(value) : value))
        : [],
    ]),
  )
}

test('every value between inputs and outputs has its shape written, symbols too; only convolutions are left out', () => {
  const { graph } = loraGraph(tiny, { rank: 2, alpha: 2, layers: 'all' })
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  const inside = graph.nodes.filter(({ op }) => op !== 'Conv').flatMap((node) => node.outputs)
  expect(told(graph)).toEqual(new Map(inside.filter(({ name }) => !outputs.has(name)).map(({ name, shape }) => [name, [...shape]])))
})

const cases: LoraGraphOptions[] = [
  { rank: 2, alpha: 2, layers: 'all' },
  { rank: 2, alpha: 2, layers: 'attention', recompute: true },
]
const sizes = [
  { N: 2, H: 8, W: 12, T: 5 },
  { N: 3, H: 4, W: 8, T: 7 },
]
test.each(cases)('the runtime makes the shapes that are written, one size for one symbol: %o', async (options) => {
  const { graph } = loraGraph(tiny, options)
  const written = told(graph)
  const values = graph.nodes.flatMap((node) => node.outputs).filter(({ name }) => written.has(name))
  for (const value of values) graph.output(value.name, value)
  await using session = await Session.create(graph, { optimize: 'none', threads: 1 })
  for (const given of sizes) {
    const known = new Map<Dim, number>(Object.entries(given))
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }): [string, Feed] => [
        name,
        noise(
          name,
          shape.map((dim) => known.get(dim) ?? Number(dim)),
        ),
      ]),
    )
    const made = await session.run(feeds)
    const wrong = [...written].flatMap(([name, dims]) => {
      const { shape } = made[name] as Feed
      dims.forEach((dim, i) => typeof dim === 'string' && !known.has(dim) && known.set(dim, shape[i] ?? NaN))
      const expected = dims.map((dim) => (typeof dim === 'number' ? dim : known.get(dim)))
      return expected.join() === shape.join() ? [] : [{ name, dims, expected, shape }]
    })
    expect(wrong).toEqual([])
  }
})

function noise(name: string, shape: number[]): Feed {
  return { shape, data: randomStream(1, name, 0).normal(elementCount(shape)) }
}
