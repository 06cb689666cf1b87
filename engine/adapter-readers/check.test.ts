import { describe, expect, test } from 'vitest'
import { moduleShapes, splitModuleKey, type ModuleShapes } from '../adapter-formats/base-modules.ts'
import { adapterFormats } from '../adapter-formats/index.ts'
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import type { Family } from '../checkpoint/config.ts'
import { decodeFloat32 } from '../files/safetensors-dtype.ts'
import { parseHeader, readHeaderLength } from '../files/safetensors-header.ts'
import { tinyModel } from '../models/testing.ts'
import type { ReaderReport } from '../requests/reader-report.ts'
import { isLossy } from '../requests/reader-report.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { checkReaders } from './check.ts'
import type { WrittenFile } from './reader.ts'

/** The networks of a family, laid out as those of the published model are. */
function base(family: Family): ModuleShapes {
  const { unet, textEncoders } = tinyModel(family, { layersPerBlock: 2 })
  const none = new Map<string, never>()
  const texts = textEncoders.map(({ config }) => ({ config, weights: none }))
  return moduleShapes({ family, unet: { config: unet.config, weights: none }, textEncoders: texts })
}

const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(2, name, 0).normal(elementCount(shape)) })

type Make = (where: Pick<AdapterModule, 'component' | 'path'>, shape: readonly number[]) => AdapterModule

const pair: Make = (where, [O = 0, I = 0, ...kernel]) =>
  loraModule(where, {
    down: random(`d${where.path}`, [3, I, ...kernel]),
    up: random(`u${where.path}`, [O, 3, ...kernel.map(() => 1)]),
    alpha: 1.5,
  })

const module = (
  variant: string,
  where: Pick<AdapterModule, 'component' | 'path'>,
  tensors: Record<string, Tensor>,
  alpha = 1.5,
): AdapterModule => ({
  ...where,
  variant,
  tensors,
  alpha,
})

const makes: Readonly<Record<string, Make>> = {
  lora: pair,
  dora: (where, shape) => {
    const { tensors } = pair(where, shape)
    const magnitude = random('m', [shape[0] ?? 0, 1, ...shape.slice(2).map(() => 1)])
    return module('dora', where, { ...tensors, magnitude })
  },
  loha: (where, [O = 0, ...window]) =>
    module('loha', where, {
      ...{ hada1a: random('1a', [O, 2]), hada1b: random('1b', [2, ...window]) },
      ...{ hada2a: random('2a', [O, 2]), hada2b: random('2b', [2, ...window]) },
    }),
  lokr: (where, [O = 0, I = 0, ...kernel]) =>
    module('lokr', where, {
      w1: random('w1', [2, 2]),
      w2a: random('w2a', [O / 2, 2]),
      w2b: random('w2b', [2, I / 2, ...kernel]),
    }),
  'whole lokr': (where, [O = 0, I = 0, ...kernel]) =>
    module('lokr', where, { w1: random('w1', [2, 2]), w2: random('w2', [O / 2, I / 2, ...kernel]) }, 1),
  full: (where, shape) => module('full', where, { delta: random('full', shape) }, 1),
}

function adapterOf(modules: ModuleShapes, make: Make, which = /./): Adapter {
  const chosen = [...modules.shapes].filter(([key]) => which.test(key))
  return { name: 'style', modules: chosen.map(([key, shape]) => make(splitModuleKey(key), shape)), metadata: {}, skipped: [] }
}

/** The bytes of an export, as readers get them. */
function written(adapter: Adapter, format: string, modules: ModuleShapes, precision: 'fp32' | 'fp16' = 'fp32'): WrittenFile[] {
  const files = adapterFormats.find(({ name }) => name === format)?.write(adapter, { modules, precision }) ?? []
  const folder = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1)
  const configs = new Map(
    files.flatMap(({ name, bytes }) =>
      name.endsWith('.json') ? [[folder(name), JSON.parse(new TextDecoder().decode(bytes)) as unknown]] : [],
    ),
  )
  return files.flatMap(({ name, bytes }) => {
    if (!name.endsWith('.safetensors')) return []
    const length = readHeaderLength(name, bytes.subarray(0, 16), bytes.byteLength)
    const { entries, metadata } = parseHeader(name, bytes.subarray(8, 8 + length), bytes.byteLength)
    const tensors = new Map<string, Tensor>()
    for (const [key, { shape, dtype, offset, length: size }] of entries)
      tensors.set(key, { shape, data: decodeFloat32(bytes.subarray(offset, offset + size), dtype) as Float32Array })
    return [{ name, metadata, tensors, config: configs.get(folder(name)) }]
  })
}

const shapesOf = ({ family, layout, shapes, closed }: ModuleShapes) => ({ family, layout, shapes: new Map([...shapes, ...closed]) })

async function checked(
  adapter: Adapter,
  format: string,
  modules: ModuleShapes,
  precision: 'fp32' | 'fp16' = 'fp32',
): Promise<Map<string, ReaderReport>> {
  const reports = await checkReaders(written(adapter, format, modules, precision), adapter, shapesOf(modules), format)
  return new Map(reports.map((report) => [report.reader, report]))
}

/** What both text encoders and UNet are trained on. */
const usual = /attn\d\.|proj_in|proj_out|ff\.net|resnets\.\d\.(conv|time_emb)|self_attn|mlp/

describe.each(['sd1', 'sd2', 'sdxl'] as const)('%s', (family) => {
  const modules = base(family)

  test.each([
    ['kohya', ['a1111', 'forge', 'comfyui']],
    ['ldm', ['comfyui']],
    ['lycoris', ['lycoris', 'comfyui']],
    ['diffusers', ['diffusers']],
    ['peft', ['peft']],
  ])('a LoRA in %s is read whole and the same by %j', async (format, readers) => {
    const adapter = adapterOf(modules, pair, usual)
    for (const [precision, bar] of [
      ['fp32', 1e-6],
      ['fp16', 1e-3],
    ] as const) {
      const reports = await checked(adapter, format, modules, precision)
      for (const reader of readers) {
        const report = reports.get(reader)
        expect(report, reader).toMatchObject({ meant: true, loaded: adapter.modules.length, droppedCount: 0, ofBase: 0 })
        expect(report?.difference, reader).toBeLessThanOrEqual(bar)
        expect(report?.difference ?? 0, reader).toBeGreaterThanOrEqual(precision === 'fp16' ? 1e-6 : 0)
      }
    }
  })

  test('diffusers converts a file in kohya’s names, whole and the same', async () => {
    const adapter = adapterOf(modules, pair, usual)
    const report = (await checked(adapter, 'kohya', modules)).get('diffusers')
    expect(report).toMatchObject({ meant: false, loaded: adapter.modules.length, droppedCount: 0 })
    expect(report?.difference).toBeLessThanOrEqual(1e-6)
  })

  test('Forge and ComfyUI do not find attention in diffusers’ names, and Forge refuses the file', async () => {
    const reports = await checked(adapterOf(modules, pair, /attn\d\.to_q/), 'diffusers', modules)
    expect(reports.get('comfyui')).toMatchObject({ meant: false, loaded: 0 })
    expect(reports.get('forge')?.refused?.code).toBe('reader-forge-limit')
    expect(reports.get('diffusers')?.loaded).toBeGreaterThan(0)
  })
})

test.each(['loha', 'lokr', 'whole lokr', 'full'])('%s has the same ΔW by every formula but PEFT’s pairs', async (kind) => {
  const modules = base('sd1')
  const adapter = adapterOf(modules, makes[kind] as Make, /^unet\.down_blocks\.0\.(attentions\.0\..*attn1\.to_q|resnets\.0\.conv1)/)
  expect(adapter.modules).toHaveLength(2)
  const reports = await checked(adapter, 'kohya', modules)
  for (const reader of ['a1111', 'forge', 'comfyui']) {
    expect(reports.get(reader), reader).toMatchObject({ loaded: 2, droppedCount: 0, ofBase: 0 })
    expect(reports.get(reader)?.difference, reader).toBeLessThanOrEqual(1e-6)
  }
})

test.each(['loha', 'whole lokr'])('%s has the same ΔW in PEFT', async (kind) => {
  const modules = base('sd1')
  const adapter = adapterOf(modules, makes[kind] as Make, /attn1\.to_q/)
  const report = (await checked(adapter, 'peft', modules)).get('peft')
  expect(report).toMatchObject({ loaded: adapter.modules.length, droppedCount: 0 })
  expect(report?.difference).toBeLessThanOrEqual(1e-6)
})

test('DoRA loads everywhere, and who divides by another norm is told', async () => {
  const modules = base('sd1')
  const adapter = adapterOf(modules, makes.dora as Make, /attn1\.to_q/)
  const reports = await checked(adapter, 'kohya', modules)
  for (const reader of ['a1111', 'forge', 'comfyui']) expect(reports.get(reader)?.difference, reader).toBeLessThanOrEqual(1e-6)
  expect(reports.get('comfyui')?.notes.map(({ code }) => code)).toContain('reader-comfyui-norm')
  expect(reports.get('a1111')?.notes.map(({ code }) => code)).toContain('reader-a1111-norm')
  expect((await checked(adapter, 'peft', modules)).get('peft')).toMatchObject({ loaded: adapter.modules.length })
})

test('diffusers converts pairs in kohya’s names, and refuses a file with anything else', async () => {
  const modules = base('sd1')
  const read = async (...adapters: readonly Adapter[]): Promise<ReaderReport> => {
    const all = { ...(adapters[0] as Adapter), modules: adapters.flatMap((one) => one.modules) }
    return (await checked(all, 'kohya', modules)).get('diffusers') as ReaderReport
  }
  const [pairs, others] = [adapterOf(modules, pair, /attn1\.to_q/), adapterOf(modules, makes.loha as Make, /attn1\.to_k/)]
  const dora = adapterOf(modules, makes.dora as Make, /attn1\.to_v/)
  expect((await read(pairs)).refused).toBeUndefined()
  expect((await read(dora)).refused).toBeUndefined()
  for (const mixed of [[pairs, others], [others], [pairs, dora]]) expect((await read(...mixed)).refused?.code).toBe('reader-diffusers-left')
})

test('what a program has no name for is lost there, by key and with the reason', async () => {
  const modules = base('sd1')
  // Norms of a text encoder: ComfyUI has kohya's names for six layers alone.
  const norm: AdapterModule = module(
    'full',
    { component: 'text_encoder', path: 'text_model.final_layer_norm' },
    { normDelta: random('n', [32]) },
    1,
  )
  const adapter = {
    ...adapterOf(modules, pair, /attn1\.to_q/),
    modules: [pair({ component: 'unet', path: 'conv_in' }, [32, 4, 3, 3]), norm],
  }
  const reports = await checked(adapter, 'kohya', modules)
  const comfy = reports.get('comfyui') as ReaderReport
  expect(comfy).toMatchObject({ loaded: 1, layers: 2, droppedCount: 1 })
  expect(comfy.dropped[0]).toMatchObject({
    key: expect.stringContaining('final_layer_norm') as unknown,
    reason: { code: 'reader-no-layer' },
  })
  expect(isLossy(comfy)).toBe(true)
  expect((await checked(adapter, 'ldm', modules)).get('comfyui')).toMatchObject({ loaded: 2 })
})

test('a bias alone stops A1111, and a name that no tag can call is told', async () => {
  const modules = base('sd1')
  const bias = module('bias', { component: 'unet', path: 'conv_out' }, { biasDelta: random('b', [4]) }, 1)
  const adapter = { ...adapterOf(modules, pair, /attn1\.to_q/), name: 'a:b' }
  const reports = await checked({ ...adapter, modules: [...adapter.modules, bias] }, 'kohya', modules)
  expect(reports.get('a1111')).toMatchObject({ loaded: 0, refused: { code: 'reader-a1111-kind' } })
  expect(reports.get('a1111')?.notes.map(({ code }) => code)).toContain('reader-name-tag')
  expect(reports.get('comfyui')).toMatchObject({ loaded: adapter.modules.length + 1, difference: 0 })
})

test('CivitAI shows what the file says of itself', async () => {
  const modules = base('sdxl')
  const silent = adapterOf(modules, pair, /attn1\.to_q/)
  const told = { ...silent, metadata: { ss_base_model_version: 'sdxl_base_v1-0', ss_tag_frequency: '{}' } }
  const codes = async (adapter: Adapter) => (await checked(adapter, 'kohya', modules)).get('civitai')?.notes.map(({ code }) => code)
  expect(await codes(silent)).toEqual(['reader-base-untold', 'reader-words-untold'])
  expect(await codes(told)).toEqual(['reader-base-told'])
})

test('a file that was changed after it was written is another adapter', async () => {
  const modules = base('sd1')
  const adapter = adapterOf(modules, pair, /attn1\.to_q/)
  const [file] = written(adapter, 'kohya', modules)
  const [key, { shape, data }] = [...(file?.tensors ?? [])].find(([name]) => name.endsWith('lora_up.weight')) as [string, Tensor]
  const tensors = new Map([...(file?.tensors ?? []), [key, { shape, data: data.map((value) => value * 1.01) }]])
  const [report] = await checkReaders([{ ...(file as WrittenFile), tensors }], adapter, shapesOf(modules), 'kohya')
  expect(report?.difference).toBeCloseTo(0.01, 4)
})
