// Commands that write an adapter anew: resize, rescale, convert, average, extract, and a merge into a checkpoint.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { loraModule } from '../../engine/adapters/variants/lora.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import { openSafetensors, readTensor, writeSafetensors } from '../../engine/files/safetensors.ts'
import { families } from '../../engine/models/families/index.ts'
import { splitModuleKey } from '../../engine/adapter-formats/base-modules.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { average } from '../commands/average.ts'
import { convert } from '../commands/convert.ts'
import { extract } from '../commands/extract.ts'
import { merge } from '../commands/merge.ts'
import { rescale } from '../commands/rescale.ts'
import { resize } from '../commands/resize.ts'
import { doneHere } from '../cli/done-here.ts'
import { baseOf } from './adapter-bases.ts'
import { fakeContext, never, workFolder, writeRandomAdapters, writeTinyModel } from './testing.ts'

const folder = await workFolder()
const model = folder.at('tiny')
const [one, two] = [folder.at('one.safetensors'), folder.at('two.safetensors')]

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeRandomAdapters(model, [one, two], 'fp32')
})
afterAll(folder.remove)

const read = async (path: string): Promise<Adapter> => readAdapter(path, (await baseOf(model)).modules)
const apart = async (a: string, b: string): Promise<number> => compareAdapters(await read(a), await read(b)).maxRelativeL2
const metadataOf = async (path: string) => Object.fromEntries((await openSafetensors(path)).metadata)

test('a resized adapter has the rank, its error is the one told, and it keeps what it said of itself', async () => {
  const out = folder.at('small.safetensors')
  const given = resize.input.parse({ file: one, rank: 2, out, model })
  const done = await doneHere(resize).run(fakeContext(), given, never)
  expect(done).toMatchObject({ leastRank: 2, largestRank: 2, written: { precision: 'fp32' } })
  expect(await apart(one, out)).toBeCloseTo(Math.max(...done.byLayer.map(({ error }) => error)), 4)
  expect(done.byLayer[0]?.spectrum).toHaveLength(4)
  expect(await metadataOf(out)).toMatchObject({
    ss_network_dim: '2',
    'modelspec.trigger_phrase': 'mos\x1b[2Js',
    'modelspec.merged_from': 'one',
  })
})

test('rescaled by −1 an adapter does the opposite: twice is as before', async () => {
  const [minus, plus] = [folder.at('minus.safetensors'), folder.at('plus.safetensors')]
  await doneHere(rescale).run(fakeContext(), rescale.input.parse({ file: one, by: -1, out: minus, model }), never)
  await doneHere(rescale).run(fakeContext(), rescale.input.parse({ file: minus, by: -1, out: plus, model }), never)
  expect(await apart(one, minus)).toBeCloseTo(2, 5)
  expect(await apart(one, plus)).toBeLessThan(1e-6)
})

test('no result takes the place of a file that it is made from', async () => {
  const before = await readFile(one)
  const refused = { code: 'output-is-input' }
  const [file, out] = [one, one]
  await expect(doneHere(merge).run(fakeContext(), merge.input.parse({ files: [two, file], model, out }), never)).rejects.toMatchObject(
    refused,
  )
  await expect(doneHere(resize).run(fakeContext(), resize.input.parse({ file, model, out, rank: 2 }), never)).rejects.toMatchObject(refused)
  await expect(doneHere(rescale).run(fakeContext(), rescale.input.parse({ file, model, out, by: -1 }), never)).rejects.toMatchObject(
    refused,
  )
  await expect(doneHere(convert).run(fakeContext(), convert.input.parse({ file, precision: 'bf16', out }), never)).rejects.toMatchObject(
    refused,
  )
  await expect(doneHere(average).run(fakeContext(), average.input.parse({ files: [one, two], out }), never)).rejects.toMatchObject(refused)
  expect(await readFile(one)).toEqual(before)
})

test('another precision keeps names, alphas and metadata, tells its error, and makes the hashes anew', async () => {
  const out = folder.at('half.safetensors')
  const done = await doneHere(convert).run(fakeContext(), convert.input.parse({ file: one, precision: 'bf16', out }), never)
  const [before, after] = [await openSafetensors(one), await openSafetensors(out)]
  expect([...after.entries.keys()].toSorted()).toEqual([...before.entries.keys()].toSorted())
  expect(new Set([...after.entries.values()].map(({ dtype, shape }) => (shape.length > 0 ? dtype : `scalar ${dtype}`)))).toEqual(
    new Set(['BF16', 'scalar F32']),
  )
  expect(done.error).toBeGreaterThan(1e-4)
  expect(await apart(one, out)).toBeLessThan(1e-2)
  const [was, is] = [await metadataOf(one), await metadataOf(out)]
  expect(is.sshs_model_hash).toMatch(/^[0-9a-f]{64}$/)
  expect(is.sshs_model_hash).not.toBe(was.sshs_model_hash)
  expect(is['modelspec.trigger_phrase']).toBe(was['modelspec.trigger_phrase'])
})

test('numbers beyond fp16, and broken ones, are not converted', async () => {
  const path = folder.at('odd.safetensors')
  const write = (value: number) =>
    writeSafetensors(path, [{ name: 'x', dtype: 'F32', shape: [1], data: new Uint8Array(Float32Array.of(value).buffer) }])
  const run = () =>
    doneHere(convert).run(
      fakeContext(),
      convert.input.parse({ file: path, precision: 'fp16', out: folder.at('odd-out.safetensors') }),
      never,
    )
  await write(1e6)
  await expect(run()).rejects.toMatchObject({ code: 'precision-overflow' })
  await write(NaN)
  await expect(run()).rejects.toMatchObject({ code: 'tensor-not-finite' })
})

test('checkpoints of one run are averaged tensor by tensor, the later ones more where a width is given', async () => {
  const out = folder.at('mean.safetensors')
  for (const width of [undefined, 0.1]) {
    const done = await doneHere(average).run(fakeContext(), average.input.parse({ files: [one, two], out, width }), never)
    const weights = done.from.map(({ weight }) => weight ?? NaN)
    if (width === undefined) expect(weights).toEqual([0.5, 0.5])
    else expect(weights[1]).toBeGreaterThan(weights[0] ?? NaN)
    const [x, y, mean] = await Promise.all([one, two, out].map(openSafetensors))
    const [name = ''] = [...(x?.entries.keys() ?? [])].filter((key) => key.endsWith('lora_down.weight'))
    if (!x || !y || !mean) throw new Error('A file is missing.')
    const [a, b, got] = [await readTensor(x, name), await readTensor(y, name), await readTensor(mean, name)]
    const expected = a.data.map((value, i) => (weights[0] ?? 0) * value + (weights[1] ?? 0) * (b.data[i] ?? 0))
    got.data.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5))
  }
  await expect(
    doneHere(average).run(fakeContext(), average.input.parse({ files: [one, folder.at('small.safetensors')], out }), never),
  ).rejects.toMatchObject({ code: 'average-differs' })
})

test('a merge goes into a copy of the checkpoint, and what was put in can be extracted again', async () => {
  const [baked, back, direct] = [folder.at('baked'), folder.at('back.safetensors'), folder.at('direct.safetensors')]
  const files = [`${one}=0.5`, `${two}=-1`]
  const done = await doneHere(merge).run(fakeContext(), merge.input.parse({ files, into: model, out: baked }), never)
  expect(done.written).toMatchObject({ out: baked })
  await doneHere(merge).run(fakeContext(), merge.input.parse({ files, model, out: direct }), never)
  const given = extract.input.parse({ tuned: baked, base: model, rank: 8, out: back, precision: 'fp32' })
  const found = await doneHere(extract).run(fakeContext(), given, never)
  expect(found).toMatchObject({ largestRank: 8, layers: (await read(one)).modules.length })
  expect(found.sameLayers).toBeGreaterThan(0)
  expect(await apart(direct, back)).toBeLessThan(1e-4)
  expect((await readFile(back)).includes(Buffer.from(folder.at()))).toBe(false)
  const nothing = extract.input.parse({ tuned: model, base: model })
  await expect(doneHere(extract).run(fakeContext(), nothing, never)).rejects.toMatchObject({ code: 'extract-nothing' })
})

test('without a named model adapters of two families are told apart by their layers', async () => {
  const paths: string[] = []
  for (const name of ['sd1', 'sdxl']) {
    const family = families.find((one) => one.name === name)
    if (!family) throw new Error(`There is no family ${name}.`)
    const { unet, textEncoders } = family.published
    const weights = new Map<string, never>()
    const modules = moduleShapes({
      family: family.name,
      unet: { config: unet, weights },
      textEncoders: textEncoders.map((config) => ({ config, weights })),
    })
    const keys = [...modules.shapes.keys()].filter((key) => /^unet\.mid_block.*attn2\.to_k$/.test(key))
    const draw = (what: string, shape: number[]) => ({ shape, data: randomStream(1, what, 0).normal((shape[0] ?? 0) * (shape[1] ?? 0)) })
    const pairs = keys.map((key) => {
      const [outputs = 0, inputs = 0] = modules.shapes.get(key) ?? []
      return loraModule(splitModuleKey(key), { up: draw('up', [outputs, 1]), down: draw('down', [1, inputs]), alpha: 1 })
    })
    const path = folder.at(`${name}.safetensors`)
    await writeAdapter({ name, modules: pairs, metadata: {}, skipped: [] }, 'kohya', path, { modules, precision: 'fp16' })
    paths.push(path)
  }
  await expect(doneHere(merge).run(fakeContext(), merge.input.parse({ files: paths }), never)).rejects.toMatchObject({
    code: 'merge-families-differ',
    facts: { first: 'sd1', other: 'sdxl' },
  })
})
