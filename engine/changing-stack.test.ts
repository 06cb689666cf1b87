// Strengths that change over the steps of a picture.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitModuleKey } from './adapter-formats/base-modules.ts'
import type { AdapterModule } from './adapters/adapter.ts'
import type { StackEntry } from './adapters/stack.ts'
import { loraModule } from './adapters/variants/lora.ts'
import { generate } from './generate.ts'
import { soundModel, writeDiffusers } from './models/testing.ts'
import { generateRequest } from './requests/generate.ts'
import { sessionsCreated } from './runtime/session.ts'
import { Model } from './sessions/open-model.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, type Tensor } from './tensor/tensor.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-changing-'))
  await writeDiffusers(folder, soundModel('sd1', { normGroups: 8 }))
  model = await Model.open(folder, { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const random = (name: string, shape: readonly number[]): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * 0.3),
})
const entry = (
  name: string,
  made: (key: string, outputs: number, inputs: number) => AdapterModule,
  more: Partial<StackEntry> = {},
): StackEntry => {
  const keys = [...model.modules.shapes.keys()].filter((key) => /^unet.*attn1\.to_[qv]$/.test(key))
  const modules = keys.map((key) => made(key, ...(model.modules.shapes.get(key) as [number, number])))
  return { adapter: { name, modules, metadata: {}, skipped: [] }, weight: 1, enabled: true, ...more }
}
const pairs = (name: string, more?: Partial<StackEntry>): StackEntry =>
  entry(
    name,
    (key, O, I) =>
      loraModule(splitModuleKey(key), { down: random(`${name} down ${key}`, [2, I]), up: random(`${name} up ${key}`, [O, 2]), alpha: 2 }),
    more,
  )
/** Whole Kronecker factors, which are added into weights. */
const dense = (more?: Partial<StackEntry>): StackEntry =>
  entry(
    'dense',
    (key, O, I) => ({
      ...splitModuleKey(key),
      variant: 'lokr',
      tensors: { w1: random(`w1 ${key}`, [2, 2]), w2: random(`w2 ${key}`, [O / 2, I / 2]) },
      alpha: 1,
    }),
    more,
  )

const request = generateRequest.parse({ prompt: 'ab', negative: 'b', steps: 4, width: 32, height: 32, sampler: 'euler', seed: 3 })
/** What each step believes, and what the run ends with. */
async function drawn(stack: readonly StackEntry[], change: Partial<typeof request> = {}): Promise<string[]> {
  const told: string[] = []
  const see = (data: Float32Array) => told.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'))
  const making = generate(
    model,
    { ...request, ...change },
    {
      stack,
      afterStep: async (_step, _steps, denoised) => void see(denoised.data),
    },
  )
  for (;;) {
    const next = await making.next()
    if (!next.done) continue
    see(next.value.latents.data)
    return told
  }
}

test('an adapter acts in the steps from start to stop, bit for bit as it does or does not, and takes no other session', async () => {
  const [base, whole] = [await drawn([]), await drawn([pairs('one')])]
  expect(whole[0]).not.toBe(base[0])
  const sessions = sessionsCreated()
  expect(await drawn([pairs('one', { start: 4 })])).toEqual(base)
  expect(await drawn([pairs('one', { start: 0, stop: 4 })])).toEqual(whole)
  const stopped = await drawn([pairs('one', { stop: 2 })])
  expect(stopped.slice(0, 2)).toEqual(whole.slice(0, 2))
  expect(stopped[2]).not.toBe(whole[2])
  const started = await drawn([pairs('one', { start: 0.5 })])
  expect(started.slice(0, 2)).toEqual(base.slice(0, 2))
  expect(started[2]).not.toBe(base[2])
  expect(await drawn([pairs('one', { curve: '0.5@0' })])).toEqual(await drawn([pairs('one', { weight: 0.5 })]))
  expect(await drawn([pairs('one', { curve: 'linear', enabled: false })])).toEqual(base)
  expect(sessionsCreated()).toBe(sessions)
})

test('a solver that asks twice a step has the strength of the step both times', async () => {
  const heun = { sampler: 'heun', steps: 3 }
  const [base, stopped] = [await drawn([], heun), await drawn([pairs('one', { start: 1, stop: 2 })], heun)]
  expect(stopped[0]).toBe(base[0])
  expect(stopped[1]).not.toBe(base[1])
  const whole = await drawn([pairs('one', { stop: 1 })], heun)
  expect(whole[0]).toBe((await drawn([pairs('one')], heun))[0])
})

test('what is added into weights changes too where they are inputs, and guided apart', async () => {
  const apart = { adapterGuidance: 2 }
  for (const change of [{}, apart]) {
    const whole = await drawn([dense()], change)
    const stopped = await drawn([dense({ stop: 2 })], change)
    expect(stopped.slice(0, 2)).toEqual(whole.slice(0, 2))
    expect(stopped[2]).not.toBe(whole[2])
  }
})

test('strengths that are added into weights beforehand cannot change', async () => {
  const refused = drawn([pairs('one', { stop: 2 })], { mode: 'folded' })
  await expect(refused).rejects.toMatchObject({ code: 'strength-folded' })
  await expect(drawn([pairs('one', { start: 3, stop: 0.5 })])).rejects.toMatchObject({ code: 'strength-steps' })
})

test('adapters that take turns are each alone in their steps', async () => {
  const [one, two] = [pairs('one'), pairs('two')]
  const turns = { composition: 'switch', compositionOptions: { switchEvery: 2 } } as const
  const drawnInTurns = await drawn([one, two], turns)
  const first = await drawn([one])
  expect(drawnInTurns.slice(0, 2)).toEqual(first.slice(0, 2))
  // The same by steps that are told of each.
  expect(await drawn([pairs('one', { stop: 2 }), pairs('two', { start: 2 })])).toEqual(drawnInTurns)
  // One alone has nobody to take turns with; what is off has no turn.
  expect(await drawn([one, { ...two, enabled: false }], turns)).toEqual(first)
  expect(await drawn([one, two], { composition: 'sum' })).toEqual(await drawn([one, two]))
})

test('answers under each adapter alone are averaged', async () => {
  const [one, two] = [pairs('one'), pairs('two')]
  const sessions = sessionsCreated()
  // Of one adapter twice the mean is its own answer.
  expect(await drawn([one, one], { composition: 'composite' })).toEqual(await drawn([one]))
  const both = await drawn([one, two], { composition: 'composite', steps: 1 })
  const [a, b, mean] = [await drawn([one], { steps: 1 }), await drawn([two], { steps: 1 }), both].map(
    ([latents = '']) => new Float32Array(new Uint8Array(Buffer.from(latents, 'base64')).buffer),
  )
  for (const [i, value] of (mean ?? []).entries()) expect(value).toBeCloseTo(((a?.[i] ?? 0) + (b?.[i] ?? 0)) / 2, 4)
  expect(sessionsCreated()).toBe(sessions)
})

test('K-LoRA takes two adapters, whatever their kind, and no other session', async () => {
  const [one, two] = [pairs('one'), pairs('two')]
  const sessions = sessionsCreated()
  const subject = await drawn([one, two], { composition: 'k-lora', compositionOptions: { kloraAlpha: 0, kloraBeta: 0 } })
  expect(subject).toEqual(await drawn([one]))
  const style = await drawn([one, two], { composition: 'k-lora', compositionOptions: { kloraAlpha: 0, kloraBeta: 20 } })
  expect(style).toEqual(await drawn([two]))
  expect(sessionsCreated()).toBe(sessions)
  const mixed = await drawn([one, dense()], { composition: 'k-lora' })
  expect(mixed).not.toEqual(await drawn([one, dense()]))
  await expect(drawn([one, two, dense()], { composition: 'k-lora' })).rejects.toMatchObject({
    code: 'composition-adapters',
    facts: { most: 2, count: 3 },
  })
  await expect(drawn([one], { compositionOptions: { switchEvery: 2 } })).rejects.toMatchObject({ code: 'composition-option-unknown' })
  await expect(drawn([one, two], { composition: 'switch', mode: 'folded' })).rejects.toMatchObject({ code: 'strength-folded' })
})
