// Text encoders that are trained, from the terminal's side: alone or with the UNet, stopped and gone on with, read back, drawn with and trained further.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { StackFeeds } from '../../engine/sessions/adapted-session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { train } from '../commands/train.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, weightsIn, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { adaptedSizes } from './tools/adapted-sizes.ts'
import { trainingMemory } from './tools/training-memory.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const [one, two] = [folder.at('sd1'), folder.at('sdxl')]
beforeAll(async () => {
  await writeTinyModel(one, 'sd1')
  await writeTinyModel(two, 'sdxl')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

// Of the UNet a few layers, as opening a session takes as long as there are layers; of the text encoders all.
const usual = {
  layers: 'all',
  groups: 'cross-k,samplers',
  rank: 2,
  alpha: 2,
  steps: 4,
  lr: 1e-2,
  resolution: 64,
  title: 'x',
  captionDropout: 0.5,
}
const shapes = async (path: string) => moduleShapes(await openCheckpoint(path))
const ofTexts = ({ modules }: Adapter) => modules.filter(({ component }) => component !== 'unet')

async function trained(name: string, more: Readonly<Record<string, unknown>>, stops: readonly number[] = []) {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, model: one, ...more, dataset: folder.at('pictures'), out })
  const given = { ...fromPairs(input), ...folder.machinery } as const
  const losses: unknown[] = []
  let trainable = 0
  const states: Adapter[] = []
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const run = trainAdapter({ ...given, checkpointEvery: 1 }, { ...context, signal: interrupt.signal }, {
      async afterStep(_, step, adapter) {
        states[step] = await adapter()
        if (step >= stop) interrupt.abort()
      },
    }) // prettier-ignore
    if (stop === Infinity) await run
    else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    for (const record of context.records) {
      if (record.type === 'step') losses.push(record.loss)
      if (record.type === 'start') trainable = record.trainable as number
    }
  }
  return { out, file: await readFile(out), losses, trainable, states, adapter: await readAdapter(out, await shapes(input.model ?? one)) }
}

test.each([
  ['lora', { textRate: 3e-3, members: 2 }],
  ['averaged', { textRate: 3e-3, ema: 0.5, loraPlus: 4, textSteps: 2 }],
  ['adalora', { textRate: 3e-3, method: 'adalora', methodOption: ['targetRank=1', 'tfinal=1'] }],
  ['two', { model: two, textRate: 3e-3, textRate2: 1e-3, recompute: true }],
  ['dora', { textRate: 3e-3, variant: 'dora', baseWeights: 'nf4', optimizer: 'lion' }],
] as const)('a run that is stopped goes on bit for bit: %s', async (name, more) => {
  const [whole, parted] = [await trained(`${name} whole`, more), await trained(`${name} parted`, more, name === 'lora' ? [1, 3] : [2])]
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(parted.losses).toEqual(whole.losses)
  const { modules } = whole.adapter
  expect(new Set(modules.map(({ component }) => component)).size).toBe(name === 'two' ? 3 : 2)
  const { model = one, methodOption, ...form } = { methodOption: [], ...more } as Record<string, unknown>
  const methodOptions = (methodOption as string[]).length > 0 ? { methodOptions: { targetRank: 1, tfinal: 1 } } : {}
  const request = trainRequest.parse({ dataset: 'd', ...usual, ...form, ...methodOptions })
  expect((await adaptedSizes({ path: model as string, request })).trainable).toBe(whole.trainable)
}) // prettier-ignore

test('each network learns at its own rate, one without a rate stays as it is, and text encoders stop when they are told to', async () => {
  const [usualRun, zero] = [await trained('without', {}), await trained('zero', { textRate: 0 })]
  // The recipe in the header tells the rate that was given.
  expect(weightsIn(zero.file).equals(weightsIn(usualRun.file))).toBe(true)
  expect(usualRun.adapter.metadata).toMatchObject({ ss_unet_lr: '0.01' })
  expect(usualRun.adapter.metadata.ss_text_encoder_lr).toBeUndefined()

  const alone = await trained('alone', { textRate: 5e-3, unetRate: 0 })
  expect(ofTexts(alone.adapter)).toHaveLength(alone.adapter.modules.length)
  expect(alone.adapter.modules.map(({ path }) => path).filter((path) => /fc1|out_proj/.test(path))).toHaveLength(4)
  expect(alone.adapter.metadata.ss_unet_lr).toBeUndefined()
  expect(alone.adapter.metadata.ss_text_encoder_lr).toBe('0.005')
  // A rate of next to nothing leaves the loss of the cached states.
  const [still] = [await trained('still', { textRate: 1e-30 })]
  expect(relativeL2(still.losses as number[], usualRun.losses as number[])).toBeLessThan(1e-6)
  expect((await trained('attention', { textRate: 5e-3, unetRate: 0, layers: 'attention' })).adapter.modules).toHaveLength(8)

  const stopped = await trained('stopped', { textRate: 5e-3, textSteps: 2 })
  const at = (step: number) => ofTexts(stopped.states[step] as Adapter).map(({ tensors }) => tensors)
  expect(at(4)).toEqual(at(2))
  expect(at(2)).not.toEqual(at(1))

  const second = await trained('second', { model: two, textRate: 0, textRate2: 5e-3 })
  expect(new Set(second.adapter.modules.map(({ component }) => component))).toEqual(new Set(['unet', 'text_encoder_2']))
  expect(second.adapter.metadata.ss_text_encoder_lr).toBe('[0, 0.005]')
})

test('every format keeps what was learnt, the model hears it, and it is trained further where its encoder learns', async () => {
  const { adapter, out } = await trained('both', { model: two, textRate: 5e-2 })
  const modules = await shapes(two)
  for (const format of ['kohya', 'diffusers', 'peft']) {
    const at = folder.at(`both ${format}`)
    const [file = at] = await writeAdapter(adapter, format, at, { modules, precision: 'fp32' })
    const read = await readAdapter(format === 'peft' ? at : file, modules)
    expect(compareAdapters(read, adapter)).toMatchObject({ identical: true, missing: [] })
  }
  const keys = (await readFile(out)).subarray(0, 60_000).toString('latin1')
  expect(['lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down', 'lora_te2_text_model_encoder_layers_1_self_attn_q_proj.lora_up'].filter((key) => !keys.includes(key))).toEqual([]) // prettier-ignore
  // Of the first encoder the UNet hears the layer before the last, which is left alone.
  expect(keys).not.toContain('lora_te1_text_model_encoder_layers_1_')

  await using model = await Model.open(two, { threads: 1 })
  const stack = [{ adapter, weight: 1, enabled: true }]
  const [plain, changed] = [await model.encodePrompts(['']), await model.encodePrompts([''], { feeds: new StackFeeds(stack) })]
  expect(relativeL2(changed.context.data, plain.context.data)).toBeGreaterThan(1e-3)
  expect(relativeL2(changed.pooled?.data ?? [], plain.pooled?.data ?? [])).toBeGreaterThan(1e-3)

  const further = { model: two, continue: out, layers: undefined, groups: undefined, rank: undefined, alpha: undefined }
  await expect(trained('refused', further)).rejects.toMatchObject({ code: 'continue-text-encoder' })
  await expect(trained('first only', { ...further, textRate: 1e-3, textRate2: 0 })).rejects.toMatchObject({ code: 'continue-text-encoder' })
  const again = await trained('further', { ...further, steps: 1, lr: 1e-30, textRate: 1e-30 })
  expect(compareAdapters(again.adapter, adapter).missing).toEqual([])
  for (const [i, { tensors }] of again.adapter.modules.entries())
    expect(relativeL2(tensors.down?.data ?? [], adapter.modules[i]?.tensors.down?.data ?? [])).toBeLessThan(1e-6)
})

test('what cannot be is told before anything is loaded, and memory counts the encoder', async () => {
  const told = (more: object) => trainingProblems({ ...trainRequest.parse({ dataset: 'd', ...more }), continueFrom: undefined }).map(({ code }) => code)
  expect(told({ textRate: 1e-5 })).toEqual([])
  expect(told({ unetRate: 0 })).toContain('nothing-learns')
  expect(told({ unetRate: 0, textRate: 0, textRate2: 1e-5 })).toEqual([])
  expect(told({ textSteps: 5 })).toContain('text-steps')
  await expect(trained('absent', { textRate: 1e-3, textRate2: 1e-3 })).rejects.toMatchObject({ code: 'text-encoder-absent' })
  const memory = (more: object) =>
    trainingMemory({ path: two, request: trainRequest.parse({ dataset: 'd', ...usual, ...more }), side: 64, threads: 1 })
  expect(await memory({ textRate: 1e-3 })).toBeGreaterThan(await memory({}))
}) // prettier-ignore
