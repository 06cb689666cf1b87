import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { loraModule, pairOf } from '../../engine/adapters/variants/lora.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import { exportAdapter } from '../operations/tools/export-adapter.ts'
import { inspect } from '../operations/tools/inspect.ts'
import { loadLoras } from '../operations/load-loras.ts'
import { doneHere } from '../cli/done-here.ts'
import { models as modelsCommand } from './models.ts'
import { train as trainCommand } from './train.ts'
import { trainAdapter } from '../operations/train.ts'
import { fakeContext, never, randomAdapter, workFolder, writeDataset, writeTinyModel } from '../operations/testing.ts'

const [models, train] = [doneHere(modelsCommand), doneHere(trainCommand)]
const folder = await workFolder()
const model = folder.at('models', 'tiny')
const lora = folder.at('style.safetensors')

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeAdapter(await randomAdapter(model, 'style'), 'kohya', lora, { modules: await shapes(), precision: 'fp32' })
})
afterAll(folder.remove)

const shapes = async () => moduleShapes(await openCheckpoint(model))
const look = (file: string, on?: string) => inspect({ file, model: on }, fakeContext())

test('members trained apart are one adapter that is their average, and are trained on', async () => {
  await writeDataset(folder.at('apart'), ['a', 'b', 'c'])
  const trained = async (name: string, given: object, { threads = 1, initialFile }: { threads?: number; initialFile?: string } = {}) => {
    const out = folder.at(`${name}.safetensors`)
    const usual = {
      dataset: folder.at('apart'),
      model,
      out,
      // Some of each shape: opening a session takes as long as there are layers.
      groups: 'cross-v,samplers,time',
      rank: 2,
      alpha: 2,
      batch: 2,
      steps: 3,
      lr: 1e-2,
      seed: 5,
      resolution: 64,
    }
    const context = { ...fakeContext(), threads }
    const asked = train.input.parse({ ...usual, ...given, continue: initialFile })
    await trainAdapter({ ...asked, ...folder.machinery, ...context }, context)
    return (await readAdapter(out, await shapes())).modules.map((module) => ({ ...module, ...pairOf(module) }))
  }
  const [one, two] = [await trained('one', {}), await trained('two', { seed: 6 })]
  const both = await trained('both', { rank: 4, alpha: 4, members: 2 })
  const said = async (name: string) => (await readAdapter(folder.at(`${name}.safetensors`), await shapes())).metadata['pigment.members']
  expect([await said('one'), await said('both')]).toEqual([undefined, '2'])
  // Side by side in threads, three on two of them: the same bits.
  expect(await trained('apart', { rank: 4, alpha: 4, members: 2 }, { threads: 2 })).toEqual(both)
  const three = { rank: 6, alpha: 6, members: 3, accumulation: 2 }
  expect(await trained('lanes', three, { threads: 2 })).toEqual(await trained('row', three))
  for (const [i, { path, down, up }] of both.entries()) {
    const [first, second] = [one[i], two[i]]
    expect([path, down.shape[0], up.shape[1]]).toEqual([first?.path, 4, 4])
    expect([...down.data]).toEqual([...(first?.down.data ?? []), ...(second?.down.data ?? [])])
    const half = (from: typeof first, at: number) => Math.fround((from?.up.data[at] ?? NaN) / 2)
    expect([...up.data]).toEqual(Array.from(up.data, (_, k) => half(k % 4 < 2 ? first : second, Math.floor(k / 4) * 2 + (k % 2))))
  }
  // A step of nearly no length leaves them nearly as they were.
  const again = await trained(
    'again',
    { rank: 4, alpha: 4, members: 2, steps: 1, lr: 1e-9 },
    { initialFile: folder.at('both.safetensors') },
  )
  for (const [i, { down, up }] of again.entries()) {
    expect(relativeL2(down.data, both[i]?.down.data ?? [])).toBeLessThan(1e-6)
    expect(relativeL2(up.data, both[i]?.up.data ?? [])).toBeLessThan(1e-6)
  }
  await expect(trained('odd', { rank: 3, members: 2 })).rejects.toMatchObject({ code: 'members-rank' })
})

test('training adapts the layers that are asked for, and what it learnt on convolutions reads back from every format', async () => {
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  const trained = async (layers: 'attention' | 'transformer' | 'all') => {
    const out = folder.at(`${layers}.safetensors`)
    const given = { dataset: folder.at('pictures'), model, out, layers, rank: 2, alpha: 2, steps: 2, lr: 1e-2, resolution: 64 }
    await train.run(fakeContext(), train.input.parse(given), never)
    return readAdapter(out, await shapes())
  }
  const [attention, transformer, all] = [await trained('attention'), await trained('transformer'), await trained('all')]
  const paths = ({ modules }: typeof all): string[] => modules.map(({ path }) => path)
  expect(paths(attention).every((path) => path.includes('.to_'))).toBe(true)
  expect(paths(transformer)).toEqual(expect.arrayContaining([...paths(attention), 'mid_block.attentions.0.proj_in']))
  expect(paths(transformer).some((path) => path.includes('.resnets.'))).toBe(false)
  expect(paths(all)).toEqual(expect.arrayContaining([...paths(transformer), 'down_blocks.0.downsamplers.0.conv']))
  const shapeOf = (path: string): (readonly number[])[] => {
    const module = all.modules.find((one) => one.path === path)
    return module ? Object.values(module.tensors).map(({ shape }) => shape.slice(2)) : []
  }
  expect(shapeOf('mid_block.resnets.0.conv1')).toEqual([[3, 3], [1, 1]]) // prettier-ignore
  // Files hold a 1×1 convolution as one, though it is computed as a matrix.
  expect(shapeOf('mid_block.attentions.0.proj_in')).toEqual([[1, 1], [1, 1]]) // prettier-ignore
  expect(all.modules.every(({ tensors: { up } }) => up?.data.some((value) => value !== 0))).toBe(true)
  expect(JSON.parse(all.metadata.ss_network_args ?? '{}')).toEqual({ conv_dim: '2', conv_alpha: '2' })
  for (const to of ['kohya', 'peft', 'diffusers'] as const) {
    const out = folder.at('all', to === 'peft' ? to : `${to}.safetensors`)
    await exportAdapter({ file: folder.at('all.safetensors'), to, out, model, strip: false }, fakeContext())
    expect(compareAdapters(all, await readAdapter(out, await shapes()))).toEqual({
      identical: true,
      maxDifference: 0,
      maxRelativeL2: 0,
      missing: [],
    })
  }
})

test('with LoRA+ B learns faster than A, by the ratio, and the file says so in kohya’s word', async () => {
  await writeDataset(folder.at('few'), ['a', 'b'])
  const trained = async (name: string, more: object) => {
    const out = folder.at(`${name}.safetensors`)
    const given = { dataset: folder.at('few'), model, out, rank: 2, alpha: 2, steps: 1, lr: 1e-3, resolution: 64, ...more }
    await train.run(fakeContext(), train.input.parse(given), never)
    return readAdapter(out, await shapes())
  }
  const [usual, fast, faster] = [await trained('usual', {}), await trained('plus', { loraPlus: 4 }), await trained('lr', { lr: 4e-3 })]
  const [one, four, all] = [usual, fast, faster].map(({ modules: [first] }) => first && pairOf(first))
  expect(four?.down.data).toEqual(one?.down.data)
  // A has no gradient while B is zero, so that only its decay tells a rate.
  expect(all?.down.data).not.toEqual(one?.down.data)
  expect(four?.up.data).toEqual(all?.up.data)
  expect(four?.up.data).not.toEqual(one?.up.data)
  expect(JSON.parse(fast.metadata.ss_network_args ?? '{}')).toEqual({ loraplus_lr_ratio: '4' })
  expect(usual.metadata).not.toHaveProperty('ss_network_args')
})

test('the average of the weights is what is kept, its decay rising to the one asked for', async () => {
  await writeDataset(folder.at('averaged'), ['a', 'b'])
  const upOf = ({ modules }: Adapter) => modules.find(({ path }) => path.endsWith('attn2.to_k'))?.tensors.up?.data as Float32Array
  const trained = async (name: string, ema?: number) => {
    const seen: Float32Array[] = []
    const given = {
      dataset: folder.at('averaged'),
      model,
      out: folder.at(`${name}.safetensors`),
      rank: 2,
      alpha: 2,
      steps: 5,
      lr: 1e-2,
      resolution: 64,
      ema,
    }
    const afterStep = async (_model: unknown, _step: number, adapter: () => Promise<Adapter>) =>
      void seen.push(upOf(await adapter()).slice())
    await trainAdapter({ ...train.input.parse(given), ...folder.machinery }, fakeContext(), { afterStep })
    return { seen, kept: upOf(await readAdapter(given.out, await shapes())) }
  }
  const [last, averaged] = [await trained('last'), await trained('averaged', 0.25)]
  expect(last.kept).toEqual(last.seen.at(-1))
  expect(averaged.kept).toEqual(averaged.seen.at(-1))
  // 0, 2/11, then 1/4 of the average stay.
  let average = last.seen[0] as Float32Array
  for (const [n, share] of [0, 2 / 11, 0.25, 0.25, 0.25].entries()) {
    average = average.map((value, i) => share * value + (1 - share) * (last.seen[n]?.[i] ?? NaN))
    averaged.seen[n]?.forEach((value, i) => expect(value).toBeCloseTo(average[i] ?? NaN, 7))
  }
  expect(averaged.kept).not.toEqual(last.kept)
})

test.each(['kohya', 'peft', 'diffusers'] as const)('export to %s reads back as the same adapter', async (to) => {
  const out = to === 'peft' ? folder.at('as-peft') : folder.at(`as-${to}.safetensors`)
  const report = await exportAdapter({ file: lora, to, out, model, strip: false }, fakeContext())
  expect(report).toMatchObject({ format: to, precision: 'fp32', leftOut: 0, ranks: [4], readBack: { identical: true, maxDifference: 0 } })
  const [before, after] = [await readAdapter(lora, await shapes()), await readAdapter(out, await shapes())]
  expect(compareAdapters(before, after)).toEqual({ identical: true, maxDifference: 0, maxRelativeL2: 0, missing: [] })
})

test('export in half precision tells how far it moved, and keeps that precision from then on', async () => {
  const half = folder.at('half.safetensors')
  const first = await exportAdapter({ file: lora, to: 'kohya', out: half, model, precision: 'fp16', strip: true }, fakeContext())
  expect(first.readBack.identical).toBe(false)
  expect(first.readBack.maxRelativeL2).toBeGreaterThan(1e-5)
  expect(first.readBack.maxRelativeL2).toBeLessThan(1e-3)
  const second = await exportAdapter({ file: half, to: 'diffusers', out: folder.at('half'), model, strip: false }, fakeContext())
  expect(second).toMatchObject({ precision: 'fp16', readBack: { identical: true } })
})

const scaledBy = (factor: number, tensor?: Tensor) => ({
  shape: tensor?.shape ?? [],
  data: (tensor?.data ?? new Float32Array()).map((x) => x * factor),
})

test('compareAdapters measures ΔW, not its factors', async () => {
  const adapter = await randomAdapter(model, 'a')
  const scaled = {
    ...adapter,
    modules: adapter.modules.map((module) => ({
      ...module,
      tensors: { down: scaledBy(2, module.tensors.down), up: scaledBy(0.5, module.tensors.up) },
    })),
  }
  const { identical, maxRelativeL2 } = compareAdapters(adapter, scaled)
  expect(identical).toBe(false)
  expect(maxRelativeL2).toBeLessThan(1e-6)
  const doubled = { ...adapter, modules: adapter.modules.map((module) => ({ ...module, alpha: module.alpha * 2 })) }
  expect(compareAdapters(adapter, doubled).maxRelativeL2).toBeCloseTo(1, 6)
  expect(compareAdapters(adapter, { ...adapter, modules: adapter.modules.slice(1) }).missing).toHaveLength(1)
})

test('inspect knows checkpoints, adapters, pictures and datasets', async () => {
  expect(await look(model)).toMatchObject({
    kind: 'checkpoint',
    family: 'sd1',
    layout: 'diffusers',
    prediction: 'epsilon',
    tokenizer: 'its own',
  })
  expect(await look(lora, model)).toMatchObject({
    kind: 'adapter',
    fits: 'tiny',
    ranks: [4],
    alphas: [2],
    triggers: ['mos\x1b[2Js'],
    leftOut: 0,
  })
  // On no base model at all the header still tells the most.
  expect(await look(lora)).toMatchObject({ kind: 'adapter', ranks: [4], alphas: [2], triggers: ['mos\x1b[2Js'] })

  const picture = folder.at('p.png')
  const parameters = { keyword: 'parameters', text: 'a cat\nNegative prompt: dog\nSteps: 4, Seed: 7, Size: 2x2' }
  await writeFile(picture, await encodePng({ width: 2, height: 2, data: new Uint8Array(12) }, [parameters]))
  expect(await look(picture)).toMatchObject({ kind: 'picture', width: 2, prompt: 'a cat', negativePrompt: 'dog', settings: { Seed: '7' } })

  const set = folder.at('set')
  await writeDataset(set, ['moss', 'fern', 'reed'], ['reed'])
  await writeFile(folder.at('set', 'broken.png'), 'not a picture')
  expect(await look(set, model)).toMatchObject({
    kind: 'dataset',
    pictures: 3,
    captioned: 2,
    withoutCaption: ['reed.png'],
    problems: expect.arrayContaining([
      expect.objectContaining({ path: 'broken.png', code: 'picture-format' }),
      expect.objectContaining({ path: 'reed.png', code: 'caption-missing' }),
      expect.objectContaining({ path: '', code: 'set-few-pictures' }),
    ]),
    buckets: { '256x256': 3 },
    commonTags: { noise: 2 },
  })
})

test('inspect knows adapter folders without their base model, of several networks too, and one network of a checkpoint', async () => {
  const on = await shapes()
  const adapter = await randomAdapter(model, 'style')
  const textual = [...on.shapes].find(([key]) => key.startsWith('text_encoder.') && key.endsWith('q_proj'))
  const [key, [outputs = 0, inputs = 0]] = textual ?? ['', []]
  const tensor = (shape: number[]) => ({ shape, data: new Float32Array(shape[0]! * shape[1]!).fill(0.5) })
  const path = key.slice('text_encoder.'.length)
  const pair = { down: tensor([2, inputs]), up: tensor([outputs, 2]), alpha: 2 }
  const second = loraModule({ component: 'text_encoder', path }, pair)
  const both = { ...adapter, modules: [...adapter.modules, second] }
  for (const format of ['peft', 'diffusers']) {
    await writeAdapter(both, format, folder.at(`two-${format}`), { modules: on, precision: 'fp32' })
    const layers = adapter.modules.length + 1
    expect(await look(folder.at(`two-${format}`))).toMatchObject({ kind: 'adapter', layers, ranks: [2, 4] })
    const layersByNetwork = { unet: layers - 1, text_encoder: 1 }
    expect(await look(folder.at(`two-${format}`), model)).toMatchObject({
      kind: 'adapter',
      fits: 'tiny',
      layersByNetwork,
      formatBecause: expect.stringContaining(format === 'peft' ? 'begins with base_model.model.' : 'diffusers module') as unknown,
      familyBecause: expect.stringMatching(/width|fits tiny/) as unknown,
      scales: { 'alpha / rank, alpha of the config': layers },
      acts: { 'stacked as a low-rank pair': layers },
      types: { F32: expect.any(Number) as unknown },
      leftOutKeys: {},
    })
  }
  await expect(look(folder.at('models', 'tiny', 'vae'))).rejects.toMatchObject({ code: 'checkpoint-unsupported', facts: { kind: 'part' } })
})

test('an adapter has a hash in every form, and the same one again', async () => {
  const modules = await shapes()
  const adapter = await randomAdapter(model, 'plain')
  const hashes: Record<string, string> = {}
  for (const [format, name] of [
    ['kohya', 'plain.safetensors'],
    ['peft', 'plain-peft'],
    ['diffusers', 'plain-diffusers'],
  ] as const) {
    await writeAdapter({ ...adapter, metadata: {} }, format, folder.at(name), { modules, precision: 'fp32' })
    const load = async () => (await loadLoras([{ file: folder.at(name), weight: 1, enabled: true }], modules, () => undefined))[0]?.hash
    hashes[format] = (await load()) ?? ''
    expect(await load()).toBe(hashes[format])
  }
  for (const hash of Object.values(hashes)) expect(hash).toMatch(/^[0-9a-f]{12}$/)
})

test('inspect says what it tried', async () => {
  const notes = folder.at('notes.md')
  await writeFile(notes, '# Notes')
  await expect(look(notes)).rejects.toMatchObject({
    code: 'file-unknown',
    facts: {
      reasons: { picture: expect.any(String), adapter: expect.any(String), checkpoint: expect.any(String), dataset: expect.any(String) },
    },
  })
  await writeFile(folder.at('cut.safetensors'), (await readFile(lora)).subarray(0, 2000))
  await expect(look(folder.at('cut.safetensors'))).rejects.toMatchObject({ code: 'safetensors-truncated' })
})

test('models lists what can be used and why the rest cannot', async () => {
  await writeFile(folder.at('models', 'old.ckpt'), 'x')
  const listed = await models.run(fakeContext(), { givenOnly: true, folder: [folder.at('models')] }, never)
  expect(listed.models).toContainEqual({
    name: 'tiny',
    family: 'sd1',
    layout: 'diffusers',
    prediction: 'epsilon',
    path: model,
    embedded: false,
  })
  expect(listed.others).toMatchObject([{ path: folder.at('models', 'old.ckpt'), code: 'pickle-refused' }])
})
