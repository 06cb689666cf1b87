// What holds of every adapter variant: a run goes on bit for bit, every format reads back or refuses, and stacked is folded. One that cannot be
// trained has an example of its tensors beside it, in testing-<name>.ts.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterFormats, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { trainableVariants, variants } from '../../engine/adapters/variants/index.ts'
import { variantCalled, type Target, type Tensors } from '../../engine/adapters/variants/variant.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { splitModuleKey } from '../../engine/adapter-formats/base-modules.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from '../../engine/sessions/adapted-session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { train } from '../commands/train.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const path = folder.at('tiny')
let model: Model
beforeAll(async () => {
  await writeTinyModel(path, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  model = await Model.open(path, { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await folder.remove()
})

/** The file of a run of four steps; asked to stop after `stop`, it is begun again. */
async function trained(variant: string, name: string, stop?: number): Promise<string> {
  const out = folder.at(`${variant}-${name}.safetensors`)
  const usual = {
    dataset: folder.at('pictures'),
    model: path,
    out,
    // Some of each shape: opening a session takes as long as there are layers.
    groups: 'cross-v,cross-out,samplers,time',
    rank: 2,
    alpha: 1,
    steps: 4,
    lr: 1e-2,
    resolution: 64,
    title: 'x',
  }
  const given = { ...train.input.parse({ ...usual, variant }), ...folder.machinery } as const
  const interrupt = new AbortController()
  const afterStep = async (_: Model, step: number) => void (step === stop && interrupt.abort())
  const run = trainAdapter(given, { ...fakeContext(), signal: interrupt.signal }, { afterStep })
  if (stop === undefined) return run.then(() => out)
  await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  await trainAdapter(given, fakeContext())
  return out
}

/** On every linear layer of the UNet's attentions, and on its norms where it acts on these. */
async function example(variant: string): Promise<Adapter> {
  const { tensorsOn } = (await import(`../../engine/adapters/variants/testing-${variant}.ts`)) as { tensorsOn: (target: Target) => Tensors }
  const { shapes, closed } = model.modules
  const layers = [...shapes].filter(([key]) => /^unet\..*attn\d\.to_/.test(key))
  const targets = variantCalled(variant).onClosed ? [...layers, ...[...closed].filter(([key]) => key.startsWith('unet.'))] : layers
  const modules = targets.map(([key, weight]) => {
    const where = splitModuleKey(key)
    return { ...where, variant, tensors: tensorsOn({ ...where, weight }), alpha: 1 }
  })
  return { name: variant, modules, metadata: {}, skipped: [] }
}

const names = variants.map(({ name }) => name)
const trainable = trainableVariants.map(({ name }) => name)
const adapterOf = (name: string): Promise<Adapter> =>
  trainable.includes(name) ? readAdapter(folder.at(`${name}-whole.safetensors`), model.modules) : example(name)

describe.each(trainable)('%s', (variant) => {
  test('goes on where it was stopped, bit for bit', async () => {
    const [whole, resumed] = [await trained(variant, 'whole'), await trained(variant, 'resumed', 2)]
    expect(Buffer.compare(await readFile(whole), await readFile(resumed))).toBe(0)
  })
})

/** PEFT alone has names for it, beside pairs and with a word in its config. */
const unwritten = variants.filter(({ spelling }) => Object.values(spelling).every((names) => Object.keys(names).length === 0))

test.each(names)('%s is read back from every format that holds it, and there is one unless it has no names', async (variant) => {
  const adapter = await adapterOf(variant)
  expect(new Set(adapter.modules.map((module) => module.variant))).toEqual(new Set([variant]))
  const refused: string[] = []
  for (const { name } of adapterFormats) {
    const at = folder.at(`${variant}-${name}`)
    const files = await writeAdapter(adapter, name, at, { modules: model.modules, precision: 'fp32' }).catch((error: unknown) => {
      if (!(error instanceof PigmentError && error.code === 'adapter-format-variant')) throw error
      refused.push(name)
    })
    if (!files) continue
    const copy = await readAdapter(name === 'peft' ? at : (files[0] ?? at), model.modules)
    expect(compareAdapters(adapter, copy)).toMatchObject({ identical: true, missing: [] })
  }
  if (unwritten.some(({ name }) => name === variant)) expect(refused).toHaveLength(adapterFormats.length)
  else expect(refused.length).toBeLessThan(adapterFormats.length)
})

test('all of them together give the same stacked and folded, and a change of strengths takes no other session', async () => {
  const adapters = await Promise.all(names.map(adapterOf))
  const stackAt = (...weights: number[]): StackEntry[] =>
    adapters.map((adapter, i) => ({
      adapter,
      weight: weights[i % weights.length] ?? 1,
      blocks: { IN01: -0.5, M00: 0 },
      enabled: true,
    }))
  const sample = { shape: [1, 4, 8, 8], data: randomStream(1, 'sample', 0).normal(256) }
  const { context } = await model.encodePrompts(['a'])
  const drawn = async (unet: AdaptedSession, feeds: StackFeeds): Promise<Float32Array> => {
    const { out } = await runAdapted(unet, { sample, timestep: { shape: [1], data: Float32Array.of(500) }, context }, feeds)
    return out?.data ?? new Float32Array()
  }
  const stack = stackAt(0.7, -0.4)
  const unet = await model.unet(stack)
  expect(await model.unet(stackAt(1, 0.2))).toBe(unet)
  const [stacked, other] = [await drawn(unet, new StackFeeds(stack)), await drawn(unet, new StackFeeds(stackAt(1, 0.2)))]
  const folded = await model.folded(stack)
  const whole = await drawn(folded.unet, new StackFeeds([]))
  for (const { session } of [folded.unet, ...folded.texts]) await session[Symbol.asyncDispose]()
  expect(relativeL2(stacked, whole)).toBeLessThan(1e-5)
  expect(relativeL2(stacked, other)).toBeGreaterThan(1e-4)
  // What is opened for them changes nothing of the model alone, but for the order in which a product with a weight that is an input is summed.
  const alone = await drawn(await model.unet(stack, true), new StackFeeds(stack, { alone: true }))
  await using fresh = await Model.open(path, { threads: 1 })
  expect(relativeL2(alone, await drawn(await fresh.unet(), new StackFeeds([])))).toBeLessThan(1e-5)
})
