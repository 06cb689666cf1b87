import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitModuleKey } from '../adapter-formats/base-modules.ts'
import { unetNetwork } from '../adapter-formats/base-networks.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { sessionsCreated } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { AdaptableNetwork } from './adaptable-network.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from './adapted-session.ts'
import { unetSession } from './networks.ts'
import { Model } from './open-model.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-'))
  await writeDiffusers(folder, soundModel('sd1', { normGroups: 8 }))
  model = await Model.open(folder, { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const random = (name: string, shape: readonly number[], scale: number): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * scale),
})
const entry = (name: string, modules: StackEntry['adapter']['modules']): StackEntry => ({
  adapter: { name, modules, metadata: {}, skipped: [] },
  weight: 1,
  enabled: true,
})
const keysOf = (pattern: RegExp): string[] => [...model.modules.shapes.keys()].filter((key) => pattern.test(key))

/** A pair on every query and value, and dense differences by whole Kronecker factors on the layers that a pattern names. */
const pairs = (): StackEntry =>
  entry(
    'pairs',
    keysOf(/^unet.*attn1\.to_[qv]$/).map((key) => {
      const [O = 0, I = 0] = model.modules.shapes.get(key) ?? []
      return loraModule(splitModuleKey(key), { down: random(`down ${key}`, [2, I], 0.2), up: random(`up ${key}`, [O, 2], 0.1), alpha: 2 })
    }),
  )
const dense = (name: string, pattern: RegExp): StackEntry =>
  entry(
    name,
    keysOf(pattern).map((key) => {
      const [O = 0, I = 0, ...kernel] = model.modules.shapes.get(key) ?? []
      const tensors = { w1: random(`${name} w1 ${key}`, [2, 2], 0.3), w2: random(`${name} w2 ${key}`, [O / 2, I / 2, ...kernel], 0.3) }
      return { ...splitModuleKey(key), variant: 'lokr', tensors, alpha: 1 }
    }),
  )

async function drawn(unet: AdaptedSession, feeds: StackFeeds): Promise<Float32Array> {
  const { context } = await model.encodePrompts(['a'])
  const inputs = { sample: random('sample', [1, 4, 8, 8], 1), timestep: { shape: [1], data: Float32Array.of(500) }, context }
  return (await runAdapted(unet, inputs, feeds)).out?.data as Float32Array
}

async function folded(stack: readonly StackEntry[]): Promise<Float32Array> {
  const { unet, texts } = await model.folded(stack)
  const out = await drawn(unet, new StackFeeds([]))
  for (const { session } of [unet, ...texts]) await session[Symbol.asyncDispose]()
  return out
}

test('once its weights are open, nothing that is done to a mixed stack makes a session, and each gives what it gives folded', async () => {
  const [low, first, second] = [
    pairs(),
    dense('first', /^unet.*(attn1\.to_[qk]|resnets\.0\.conv1)$/),
    dense('second', /^unet.*attn1\.to_q$/),
  ]
  const base = await drawn(await model.unet(), new StackFeeds([]))
  const stacks: StackEntry[][] = [
    [low, first, second],
    [{ ...low, weight: -0.5 }, first, second],
    [low, { ...first, weight: 0.4 }, { ...second, weight: -1 }],
    [low, { ...first, blocks: { IN01: 0, M00: -2 } }, second],
    [low, { ...first, enabled: false }, second],
    [low, first, second],
    [
      { ...low, weight: 0 },
      { ...first, weight: 0 },
      { ...second, enabled: false },
    ],
    [first, first],
    [second, first, low],
  ]
  const unet = await model.unet(stacks[0])
  const made = sessionsCreated()
  const results: Float32Array[] = []
  for (const stack of stacks) {
    expect(await model.unet(stack)).toBe(unet)
    results.push(await drawn(unet, new StackFeeds(stack)))
    expect(relativeL2(await drawn(unet, new StackFeeds(stack, { alone: true })), base)).toBeLessThan(1e-6)
  }
  expect(sessionsCreated()).toBe(made)
  for (const [i, stack] of stacks.entries()) expect(relativeL2(results[i] ?? base, await folded(stack))).toBeLessThan(1e-5)
  expect(relativeL2(results[0] ?? base, results[2] ?? base)).toBeGreaterThan(1e-3)
  // Of a stack's order only the order of sums is left.
  expect(relativeL2(results[8] ?? base, results[0] ?? base)).toBeLessThan(1e-6)
})

test('a weight is made anew where its own terms change; what was taken off is there again when it comes back', async () => {
  const [first, second] = [dense('one', /^unet.*attn1\.to_k$/), dense('two', /^unet.*attn1\.to_out\.0$/)]
  const unet = await model.unet([first, second])
  const feedsOf = async (...stack: StackEntry[]) => {
    const all = await new StackFeeds(stack).of(unet)
    return keysOf(/^unet.*attn1\.(to_k|to_out\.0)$/).map((key) => all[`weight/${key.slice('unet.'.length)}.weight`])
  }
  const whose = keysOf(/^unet.*attn1\.(to_k|to_out\.0)$/).map((key) => (key.endsWith('to_k') ? 'first' : 'second'))
  const same = (a: readonly unknown[], b: readonly unknown[]) => whose.filter((_, i) => a[i] !== undefined && a[i] === b[i])
  const before = await feedsOf(first, second)
  expect(same(before, await feedsOf(first, second))).toEqual(whose)
  expect(new Set(same(before, await feedsOf({ ...first, weight: 0.5 }, second)))).toEqual(new Set(['second']))
  const off = await feedsOf(second)
  expect(new Set(same(before, off))).toEqual(new Set(['second']))
  expect(new Set(same(before, await feedsOf(first, second)))).toEqual(new Set(['second']))
  const again = await feedsOf(first, second)
  await feedsOf(second)
  expect(same(again, await feedsOf(first, second))).toEqual(whose)
})

test('where weights are not fed, a session has them inside and is kept while only strengths of the others change', async () => {
  const { checkpoint } = model
  await using network = new AdaptableNetwork({
    network: unetNetwork(checkpoint),
    feedsWeights: false,
    make: (options) => unetSession(checkpoint, { threads: 1 }, options),
  })
  const [low, whole] = [pairs(), dense('whole', /^unet.*attn1\.to_k$/)]
  const unet = await network.session([low, whole])
  const made = sessionsCreated()
  expect(await network.session([{ ...low, weight: 0.3 }, whole])).toBe(unet)
  expect(sessionsCreated()).toBe(made)
  expect(relativeL2(await drawn(unet, new StackFeeds([low, whole])), await folded([low, whole]))).toBeLessThan(1e-5)
  expect(await network.session([low, { ...whole, weight: 0.5 }])).not.toBe(unet)
})
