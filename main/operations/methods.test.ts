// Runs of the other methods from the terminal's side: they go on bit for bit, and what they write is read back as what was trained, in every format.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import type { TensorSource } from '../../engine/checkpoint/config.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { train } from '../commands/train.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { adaptedSizes } from './tools/adapted-sizes.ts'
import { bake } from './tools/bake.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { sliceAdapter } from './tools/slice-adapter.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const path = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(path, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

/** Some of each shape and place: opening a session takes as long as there are layers. */
const groups = 'self-q,cross-out,samplers'
const usual = { layers: 'all', rank: 4, alpha: 2, steps: 4, lr: 1e-2, resolution: 64, title: 'x' }

async function trained(name: string, stops: readonly number[], more: object) {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, ...more, dataset: folder.at('pictures'), model: path, out })
  const given = { ...fromPairs(input), ...folder.machinery } as const
  let [trainable, state, last] = [0, Buffer.of(), undefined as Adapter | undefined]
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const run = trainAdapter({ ...given, checkpointEvery: 1 }, { ...context, signal: interrupt.signal }, {
      async afterStep(_, step, adapter) {
        if (step >= stop) interrupt.abort()
        if (step === usual.steps) [last, state] = [await adapter(), await readFile(`${folder.at(name)}.run/step-0000000${step}/state.safetensors`)]
      },
    }) // prettier-ignore
    if (stop === Infinity) await run
    else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    for (const record of context.records) if (record.type === 'start') trainable = record.trainable as number
  }
  return { out, file: await readFile(out), state, trainable, last: last as unknown as Adapter }
}

test.each([
  ['dylora', ['unit=2', 'lastOnly=true'], { accumulation: 2, groups }, 'networks.dylora'],
  ['lora-fa', [], { ema: 0.5, members: 2, groups }, 'networks.lora_fa'],
  ['t-lora', ['minRank=1'], { batch: 2, groups }, 'networks.lora'],
  ['full', ['what=everything'], {}, 'lycoris.kohya'],
  ['full', ['what=norms-biases'], { baseWeights: 'nf4' }, 'lycoris.kohya'],
] as const)('%s %j: stopped twice it goes on bit for bit, and its file is what was trained', async (method, methodOption, more, networkModule) => {
  const name = `${method} ${methodOption.join()}`
  const asked = { method, methodOption, ...more }
  const [whole, parted] = [await trained(`${name} whole`, [], asked), await trained(`${name} parted`, [1, 3], asked)]
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(parted.state.equals(whole.state)).toBe(true)

  const modules = moduleShapes(await openCheckpoint(path))
  const adapter = await readAdapter(whole.out, modules)
  expect(adapter.skipped).toEqual([])
  expect(compareAdapters(adapter, { ...whole.last, metadata: {} })).toMatchObject({ identical: true, missing: [] })
  expect(adapter.metadata.ss_network_module).toBe(networkModule)
  for (const format of method === 'full' ? ['kohya'] : ['kohya', 'peft', 'diffusers']) {
    const at = folder.at(`${name} ${format}`)
    const [file = at] = await writeAdapter(adapter, format, at, { modules, precision: 'fp32' })
    expect(compareAdapters(await readAdapter(format === 'peft' ? at : file, modules), adapter)).toMatchObject({ identical: true, missing: [] })
  }
  const { methodOptions } = fromPairs(train.input.parse({ ...usual, ...asked, dataset: 'd', out: 'o' }))
  const request = trainRequest.parse({ dataset: 'd', ...usual, method, ...more, methodOptions })
  expect((await adaptedSizes({ path, request })).trainable).toBe(whole.trainable)
}) // prettier-ignore

test('a DyLoRA is cut to a rank that was trained, exactly; any other is refused', async () => {
  const { out } = await trained('to cut', [], { method: 'dylora', methodOption: ['unit=2', 'scale=constant'], groups })
  const modules = moduleShapes(await openCheckpoint(path))
  const cut = await sliceAdapter({ file: out, model: path, rank: 2, out: folder.at('cut.safetensors') })
  expect(cut).toMatchObject({ rank: 2, unit: 2 })
  const [all, slice] = [await readAdapter(out, modules), await readAdapter(cut.out, modules)]
  expect(slice.metadata).toMatchObject({ ss_network_dim: '2', ss_network_alpha: '1' })
  for (const [i, { tensors, alpha }] of slice.modules.entries()) {
    const { down } = all.modules[i]?.tensors ?? {}
    expect([tensors.down?.shape[0], alpha]).toEqual([2, 1])
    expect(tensors.down?.data).toEqual(down?.data.subarray(0, down.data.length / 2))
  }
  await expect(sliceAdapter({ file: out, model: path, rank: 3, out: folder.at('no.safetensors') })).rejects.toMatchObject({
    code: 'slice-rank',
  })
})

test('what full fine-tuning learnt becomes a LoRA, the nearer the more ranks, and goes into a checkpoint', async () => {
  const { out, last } = await trained('whole weights', [], { method: 'full', layers: 'attention' })
  const asLora = async (rank: number): Promise<number> => {
    const task = {
      file: out,
      to: 'kohya',
      out: folder.at(`rank ${rank}.safetensors`),
      model: path,
      asLora: { rank },
      strip: false,
    } as const
    return (await exportAdapter(task, fakeContext())).converted?.error ?? NaN
  }
  const [near, nearer] = [await asLora(4), await asLora(64)]
  expect(near).toBeGreaterThan(0.01)
  expect(nearer).toBeLessThan(1e-4)
  const lora = [{ file: out, weight: 1, enabled: true }]
  await bake({ model: path, lora, to: 'checkpoint', out: folder.at('baked') }, fakeContext())
  const models = await Promise.all([path, folder.at('baked')].map((at) => openCheckpoint(at)))
  for (const { path: layer, tensors } of last.modules.filter(({ variant }) => variant === 'full').slice(0, 3)) {
    const [before, after] = await Promise.all(models.map(({ unet }) => readWeight(unet.weights.get(`${layer}.weight`) as TensorSource)))
    const delta = after?.data.map((x, i) => x - (before?.data[i] ?? NaN)) ?? []
    expect(relativeL2(delta, tensors.delta?.data ?? [])).toBeLessThan(0.01)
  }
})

test('what they cannot do is told before a run begins', () => {
  const told = (more: object) => trainingProblems(trainRequest.parse({ dataset: 'd', ...more })).map(({ code }) => code)
  for (const method of ['dylora', 'lora-fa', 't-lora', 'full']) expect(told({ method })).toEqual([])
  for (const method of ['dylora', 'lora-fa', 't-lora']) expect(told({ method, variant: 'dora' })).toEqual(['method-variant'])
  expect(told({ method: 'dylora', methodOptions: { unit: 3 } })).toEqual(['dylora-unit'])
  expect(told({ method: 'dylora', members: 2 })).toEqual(['members-variant'])
  expect(told({ method: 't-lora', methodOptions: { minRank: 16 } })).toEqual(['t-lora-rank'])
  expect(told({ method: 't-lora', methodOptions: { power: 0 } })).toContain('method-option-invalid')
  expect(told({ method: 'full', loraPlus: 4 })).toEqual(['full-field'])
  expect(told({ method: 'full', variant: 'dora' })).toEqual(['full-field'])
  expect(told({ method: 'full', baseWeights: 'nf4' })).toEqual(['full-base-weights'])
  expect(told({ method: 'full', baseWeights: 'nf4', methodOptions: { what: 'norms-biases' } })).toEqual([])
  expect(told({ method: 'full', members: 2 })).toEqual(['members-variant'])
})
