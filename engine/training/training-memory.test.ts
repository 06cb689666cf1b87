import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Checkpoint } from '../checkpoint/config.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { writeSingleFile } from '../models/testing-single-file.ts'
import { tinyModel } from '../models/testing.ts'
import '../ops/index.ts'
import { sizeOfDim } from '../graph/size-of-dim.ts'
import { loraGraph } from './training-graph.ts'
import { trainingMemory, type MemoryRequest } from './training-memory.ts'

let folder = ''
let checkpoint: Checkpoint
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pigment-memory-'))
  const file = join(folder, 'tiny.safetensors')
  await writeSingleFile(file, tinyModel('sd1'))
  checkpoint = await openCheckpoint(file)
})
afterAll(() => rmSync(folder, { recursive: true }))

const request: MemoryRequest = {
  variant: 'lora',
  rank: 4,
  alpha: 4,
  layers: 'attention',
  recompute: false,
  batch: 2,
  members: 1,
  optimizer: 'adamw',
}
const memory = (more: Partial<MemoryRequest> = {}, options = { side: 256, threads: 2 }): number =>
  trainingMemory(checkpoint, { ...request, ...more }, options)

test('more of anything takes more, and recomputing less', () => {
  const usual = memory()
  expect(usual).toBeGreaterThan(200 * 2 ** 20)
  for (const more of [{ batch: 4 }, { rank: 64 }, { layers: 'all' as const }, { members: 2 }]) expect(memory(more)).toBeGreaterThan(usual)
  // Above this size attention goes a chunk of queries at a time, which takes less.
  expect(memory({}, { side: 192, threads: 2 })).toBeLessThan(usual)
  expect(memory({ recompute: true })).toBeLessThan(usual)
  // A state of four bytes a parameter for one of eight, and its copies.
  const { trained } = loraGraph(checkpoint, request)
  const count = trained.reduce((sum, { shape }) => sum + (shape as number[]).reduce((a, b) => a * b, 1), 0)
  expect(usual - memory({ optimizer: 'lion' })).toBe(3 * 4 * count)
  // Without a thread to spare members take turns: one session.
  expect(memory({ members: 2 }, { side: 256, threads: 1 })).toBeLessThan(memory({ members: 2 }))
})

test.each([true, false])('every size in a training graph follows from those of its inputs, recomputed: %s', (recompute) => {
  const { graph } = loraGraph(checkpoint, { ...request, layers: 'all', recompute })
  // What pads to a size known at run time only is read under its known shape.
  const open = graph.nodes.flatMap(({ op, outputs }) =>
    (op === 'Pad' ? [] : outputs).flatMap(({ shape }) => shape.filter((dim) => sizeOfDim(dim, { N: 2, H: 8, W: 9, T: 7 }) === undefined)),
  )
  expect(open).toEqual([])
})
