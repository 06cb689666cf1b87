import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { pairOf } from '../adapters/variants/lora.ts'
import { openSafetensors } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fixtureBase, fixtureShapes, randomAdapter } from './fixtures/load.ts'
import { carriedMetadata } from './format.ts'
import { adapterFormats, readAdapter, writeAdapter } from './read.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const sd1 = fixtureBase('sd1')
const sdxl = fixtureBase('sdxl')

const attention = (key: string): boolean => /^unet.*\.attn\d\./.test(key)
/** What sd-scripts trains unless it is told otherwise. */
const kohyaDefault = (key: string): boolean =>
  /^unet.*(\.transformer_blocks\.|\.proj_in$|\.proj_out$)|^text.*(\.self_attn\.|\.mlp\.)/.test(key)

const shapesOf = async (path: string): Promise<Map<string, readonly number[]>> =>
  new Map([...(await openSafetensors(path)).entries.values()].map(({ name, shape }) => [name, shape]))
const sorted = (shapes: ReadonlyMap<string, readonly number[]>): unknown => [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1))
/** Names and shapes as they are; the values by their hash, since comparing arrays of them is slow. */
const summary = ({ modules }: Adapter): unknown =>
  modules
    .map((module) => {
      const { down, up, alpha } = pairOf(module)
      return [`${module.component}.${module.path}`, alpha, down.shape, up.shape, hash(down), hash(up)] as const
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
const hash = ({ data }: Tensor): string => createHash('sha256').update(data).digest('hex')

describe('writes the keys and shapes of', () => {
  const cases = [
    ['kohya', 'kohya-sd1-default', sd1, kohyaDefault, 'test.safetensors', 264],
    ['kohya', 'kohya-sdxl-default', sdxl, kohyaDefault, 'test.safetensors', 986],
    ['peft', 'peft-sd1-attention', sd1, attention, 'adapter_model.safetensors', 128],
    ['diffusers', 'diffusers-sd1-attention', sd1, attention, 'pytorch_lora_weights.safetensors', 128],
  ] as const
  test.each(cases)('%s: %s', async (format, fixture, base, chosen, file, count) => {
    const adapter = randomAdapter(base, chosen, () => 4)
    expect(adapter.modules.length).toBe(count)
    const at = join(folder, fixture)
    await writeAdapter(adapter, format, at, { modules: base, precision: 'fp16' })
    expect(sorted(await shapesOf(join(at, file)))).toEqual(sorted(fixtureShapes(fixture)))
    await rm(at, { recursive: true })
  })

  test.each([
    ['sd1', sd1, 'kohya-sd1-default', 128],
    ['sdxl', sdxl, 'kohya-sdxl-default', 560],
  ] as const)('kohya, attention only: %s', async (name, base, fixture, count) => {
    const at = join(folder, `attention-${name}.safetensors`)
    await writeAdapter(
      randomAdapter(base, attention, () => 4),
      'kohya',
      at,
      { modules: base, precision: 'bf16' },
    )
    const expected = new Map([...fixtureShapes(fixture)].filter(([key]) => /^lora_unet.*_attn\d_/.test(key)))
    expect(expected.size).toBe(3 * count)
    expect(sorted(await shapesOf(at))).toEqual(sorted(expected))
  })
})

describe('reads back what it wrote, bit for bit', () => {
  // Every kind of module and both encoders, but few of each.
  const some = (key: string): boolean =>
    /\.1\.attentions\.0\..*\.0\.(attn2|ff)|mid_block.*proj_in|_blocks\.1\.(resnets\.0|.*samplers)|layers\.3\.|^unet\.(conv_in|.*embedding)/.test(
      key,
    )
  const ranks = (key: string): number => (key.includes('to_k') ? 3 : 2)
  test.each(adapterFormats.flatMap(({ name }) => [[name, 'sd1', sd1] as const, [name, 'sdxl', sdxl] as const]))(
    '%s, %s',
    async (format, family, base) => {
      const adapter = randomAdapter(base, some, ranks)
      const at = join(folder, `${format}-${family}`)
      const files = await writeAdapter(adapter, format, at, { modules: base, precision: 'fp32', metadata: { ss_network_dim: '2' } })
      const read = await readAdapter(files.length === 1 ? (files[0] ?? '') : at, base)
      expect(summary(read)).toEqual(summary(adapter))
      expect(read.skipped).toEqual([])
      expect(read.metadata.ss_network_dim).toBe('2')
      const again = `${at}-again`
      const copies = await writeAdapter(read, format, again, { modules: base, precision: 'fp32' })
      for (const [i, file] of files.entries()) {
        if (file.endsWith('.safetensors')) expect(await shapesOf(copies[i] ?? '')).toEqual(await shapesOf(file))
        else expect(await readFile(copies[i] ?? '', 'utf8')).toBe(await readFile(file, 'utf8'))
      }
      await rm(at, { recursive: true })
      await rm(again, { recursive: true })
    },
  )

  test('the same request gives the same bytes', () => {
    const adapter = randomAdapter(sd1, (key) => key.startsWith('unet.mid_block.attentions'))
    for (const format of adapterFormats) {
      const bytes = (): unknown => format.write(adapter, { modules: sd1, precision: 'fp16' })
      expect(bytes()).toEqual(bytes())
    }
  })
})

test('PEFT finds the layers of text encoders under every version of transformers', async () => {
  const at = join(folder, 'generations')
  const layer = 'encoder.layers.3.self_attn.q_proj'
  const adapter = randomAdapter(sdxl, (key) => key.endsWith(`text_model.${layer}`))
  await writeAdapter(adapter, 'peft', at, { modules: sdxl, precision: 'fp32' })
  const keys = async (component: string): Promise<string[]> =>
    [...(await shapesOf(join(at, component, 'adapter_model.safetensors'))).keys()].filter((key) => key.endsWith('lora_A.weight'))
  // CLIPTextModel of transformers 4 and 5.
  expect(new Set(await keys('text_encoder'))).toEqual(
    new Set([`base_model.model.text_model.${layer}.lora_A.weight`, `base_model.model.${layer}.lora_A.weight`]),
  )
  // CLIPTextModelWithProjection of both.
  expect(await keys('text_encoder_2')).toEqual([`base_model.model.text_model.${layer}.lora_A.weight`])
  const read = await readAdapter(at, sdxl)
  expect([summary(read), read.skipped]).toEqual([summary(adapter), []])
})

describe('refuses', () => {
  test('a folder without an adapter, an unknown format, a folder format for a file', async () => {
    const empty = join(folder, 'empty')
    await mkdir(empty)
    await expect(readAdapter(empty, sd1)).rejects.toMatchObject({ code: 'adapter-not-found' })
    await expect(readAdapter(join(folder, 'none'), sd1)).rejects.toMatchObject({ code: 'file-not-found' })
    const adapter = { name: 'a', modules: [], metadata: {}, skipped: [] }
    const options = { modules: sd1, precision: 'fp32' } as const
    await expect(writeAdapter(adapter, 'zip', empty, options)).rejects.toMatchObject({ code: 'adapter-format-unknown' })
    await expect(writeAdapter(adapter, 'peft', join(empty, 'a.safetensors'), options)).rejects.toMatchObject({
      code: 'adapter-format-folder',
    })
  })

  test('a PEFT config that is not JSON', async () => {
    const at = join(folder, 'bad-config')
    await writeAdapter(
      randomAdapter(sd1, (key) => key === 'unet.conv_in'),
      'peft',
      at,
      { modules: sd1, precision: 'fp32' },
    )
    await writeFile(join(at, 'adapter_config.json'), '{')
    await expect(readAdapter(at, sd1)).rejects.toMatchObject({ code: 'adapter-broken' })
  })
})

test('a None of an older file is not carried on where readers expect a number or a text', () => {
  const metadata = {
    ss_training_started_at: 'None',
    ss_training_finished_at: '1700000000.5',
    'modelspec.encoder_layer': 'None',
    ss_clip_skip: 'None',
    sshs_model_hash: 'old',
  }
  expect(carriedMetadata(metadata)).toEqual({ ss_training_finished_at: '1700000000.5', ss_clip_skip: 'None' })
})

test('kohya files carry the hashes by which web UIs know them', async () => {
  const path = join(folder, 'hashes.safetensors')
  await writeAdapter(
    randomAdapter(sd1, (key) => key === 'unet.conv_in'),
    'kohya',
    path,
    { modules: sd1, precision: 'fp16', metadata: { ss_v2: 'False' } },
  )
  const { metadata } = await openSafetensors(path)
  expect([...metadata.keys()]).toEqual(['ss_v2', 'sshs_model_hash', 'sshs_legacy_hash'])
})
