// A state in pages: the bits of the same optimizer in memory, under a budget that its own counters hold it to.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomStream } from '../../tensor/philox.ts'
import { copyVector, storeOf, type VectorStore } from '../../tensor/vectors.ts'
import { adamw8bit, adamw8bitSpans } from './adamw-8bit.ts'
import { adamw, adamwRule } from './adamw.ts'
import type { Layout, OptimizerState } from './optimizer.ts'
import { paged } from './paged.ts'
import type { Span } from './spans.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-pages-'))))
afterEach(() => rm(folder, { recursive: true }))

// Tensors of all kinds: smaller than a page, larger than one, no multiple of a block.
const shapes = [[5], [70, 40], [3], [2, 2048], [4, 9], [1500]]
let size = 0
const placements = shapes.map((shape, i) => {
  const offset = size
  size += shape.reduce((a, b) => a * b)
  return { name: `w${i}`, shape, offset }
})
const layout: Layout = {
  placements,
  ranges: [
    { from: 0, to: 2805, rate: 1 },
    { from: 2805, to: size, rate: 4 },
  ],
}
const random = randomStream(5, 'paged', 0)
const start = random.normal(size)
const gradients = Array.from({ length: 9 }, () => random.normal(size))
const chosen8bit = adamw8bit.options.parse({ min8bitSize: 1000 })
const chosen = adamw.options.parse({})

const kinds: Readonly<Record<string, { spans: () => Span[]; plain: () => OptimizerState | Promise<OptimizerState>; bytes: number }>> = {
  adamw: {
    spans: () => layout.ranges.map((range) => ({ ...range, rule: adamwRule(chosen) })),
    plain: () => adamw.open(start, layout, chosen),
    bytes: 8 * size,
  },
  'adamw-8bit': {
    spans: () => adamw8bitSpans(layout, chosen8bit),
    plain: () => adamw8bit.open(start, layout, chosen8bit),
    bytes: placements.reduce((sum, { shape }) => sum + adamw8bit.bytes(shape, chosen8bit), 0),
  },
}

const stepped = async (state: OptimizerState, theta: Float32Array, from: number, to: number): Promise<void> => {
  for (let step = from; step <= to; step++) await state.update(theta, gradients[step - 1] as Float32Array, { lr: 0.01, step })
}
const numbersOf = async (stores: Readonly<Record<string, VectorStore>> = {}) =>
  Object.fromEntries(await Promise.all(Object.entries(stores).map(async ([name, all]) => [name, await all.read(0, all.length)] as const)))

test.each(Object.keys(kinds))('%s in pages has the bits of the one in memory, whatever budget and page', async (name) => {
  const { spans, plain, bytes } = kinds[name] as (typeof kinds)[string]
  const [memory, expected] = [await plain(), start.slice()]
  await stepped(memory, expected, 1, 6)
  for (const [share, page] of [
    [0.25, 1024],
    [0.5, 4096],
    [0.01, 100],
    [3, 4096],
  ] as const) {
    const theta = start.slice()
    const state = await paged(spans(), { folder, budget: share * bytes, page })
    await stepped(state, theta, 1, 6)
    expect(theta).toEqual(expected)
    expect(await numbersOf(state.stores)).toEqual(memory.vectors)
    const { pagesRead = NaN, pagesWritten = NaN, pagesHeld = NaN } = state.told?.() ?? {}
    if (share > 1) expect([pagesRead, pagesWritten]).toEqual([0, 0])
    else expect(Math.min(pagesRead, pagesWritten, pagesHeld)).toBeGreaterThan(0)
    await state[Symbol.asyncDispose]?.()
    expect(await readdir(folder)).toEqual([])
  }
})

test.each(Object.keys(kinds))('%s in pages goes on from what was read of it part by part, and it can be read at any time', async (name) => {
  const { spans, bytes } = kinds[name] as (typeof kinds)[string]
  const place = { folder, budget: bytes / 4, page: 1024 }
  const [whole, first] = [start.slice(), await paged(spans(), place)]
  await stepped(first, whole, 1, 4)
  const [resumed, again] = [whole.slice(), await paged(spans(), place)]
  for (const [key, store] of Object.entries(first.stores ?? {})) await copyVector(store, 0, again.stores?.[key] as VectorStore)
  await stepped(first, whole, 5, 9)
  await stepped(again, resumed, 5, 9)
  expect(resumed).toEqual(whole)
  expect(await numbersOf(again.stores)).toEqual(await numbersOf(first.stores))
  const [key, all] = Object.entries(first.stores ?? {})[0] as [string, VectorStore]
  expect(await all.read(7, all.length - 3)).toEqual((await all.read(0, all.length)).slice(7, -3))
  expect(key).toBe('m')
  for (const one of [first, again]) await one[Symbol.asyncDispose]?.()
})

test('what a page is changed to from outside is there at the next update', async () => {
  const { spans, plain, bytes } = kinds.adamw as (typeof kinds)[string]
  const [memory, pages] = [await plain(), await paged(spans(), { folder, budget: bytes / 4, page: 512 })]
  const [a, b] = [start.slice(), start.slice()]
  const values = random.normal(size).map(Math.abs)
  for (const name of ['m', 'v']) {
    await storeOf(memory.vectors[name] as Float32Array).write(0, values)
    await pages.stores?.[name]?.write(0, values.slice(0, 3000))
    await pages.stores?.[name]?.write(3000, values.slice(3000))
  }
  await stepped(memory, a, 1, 2)
  await stepped(pages, b, 1, 2)
  expect(b).toEqual(a)
  await pages[Symbol.asyncDispose]?.()
})
