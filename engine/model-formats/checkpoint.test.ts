import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { splitModuleKey } from '../adapter-formats/base-modules.ts'
import type { AdapterModule } from '../adapters/adapter.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import type { Family } from '../checkpoint/config.ts'
import { openSafetensors, readBytes } from '../files/safetensors.ts'
import { generate } from '../generate.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { writeSingleFile } from '../models/testing-single-file.ts'
import { generateRequest } from '../requests/generate.ts'
import { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { moduleShapes } from '../adapter-formats/base-modules.ts'
import { checkpoint as format } from './checkpoint.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-merged-'))
  // The vocabulary of all of them.
  await base('sd1', 'folder')
})
afterAll(() => rm(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

const random = (name: string, shape: readonly number[], scale: number): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * scale),
})

/** Pairs on every module that fits, DoRA on every third. */
async function stackOn(path: string, which = /./): Promise<StackEntry[]> {
  const { shapes } = moduleShapes(await openCheckpoint(path))
  const modules = [...shapes]
    .filter(([key]) => which.test(key))
    .map(([key, [O = 0, I = 0, ...kernel]], i): AdapterModule => {
      const ones = kernel.map(() => 1)
      const pair = { down: random(`d ${key}`, [2, I, ...kernel], 1 / Math.sqrt(I)), up: random(`u ${key}`, [O, 2, ...ones], 0.1), alpha: 2 }
      const plain = loraModule(splitModuleKey(key), pair)
      const magnitude = { shape: [O, 1, ...ones], data: random(`m ${key}`, [O], 0.02).data.map((value) => Math.abs(value) + 0.5) }
      return i % 3 > 0 ? plain : { ...plain, variant: 'dora', tensors: { ...plain.tensors, magnitude } }
    })
  return [{ adapter: { name: 'style', modules, metadata: {}, skipped: [] }, weight: 0.8, textWeight: 0.5, enabled: true }]
}

const request = generateRequest.parse({ prompt: 'ab', steps: 2, width: 64, height: 64, seed: 5 })

async function pixels(path: string, stack: readonly StackEntry[], mode: 'stacked' | 'folded'): Promise<Uint8Array> {
  await using model = await Model.open(path, {
    threads: 1,
    tokenizer: { vocab: at('sd1/tokenizer/vocab.json'), merges: at('sd1/tokenizer/merges.txt') },
  })
  const making = generate(model, { ...request, mode }, { stack })
  for (;;) {
    const { done, value } = await making.next()
    if (done) return value.rgb
  }
}

const farthest = (a: Uint8Array, b: Uint8Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0)

async function base(family: Family, layout: 'file' | 'folder'): Promise<string> {
  const model = soundModel(family)
  const path = at(layout === 'file' ? `${family}.safetensors` : family)
  if (layout === 'file') await writeSingleFile(path, model, { 'modelspec.author': 'somebody', 'modelspec.hash_sha256': '0x1' })
  else await writeDiffusers(path, model)
  return path
}

describe.each([
  ['sd1', 'file'],
  ['sd2', 'file'],
  ['sdxl', 'file'],
  ['sdxl', 'folder'],
] as const)('%s as a %s', (family, layout) => {
  test('the merged model draws what the stack folded in draws, to one level', async () => {
    const path = await base(family, layout)
    const stack = (await stackOn(path)).map((entry) => ({ ...entry, blocks: { M00: 0.4, IN01: 0 } }))
    const out = at(`merged-${family}-${layout}${layout === 'file' ? '.safetensors' : ''}`)
    const { changed } = await format.write(await openCheckpoint(path), stack, out)
    expect(changed).toBeGreaterThan(20)
    const [folded, merged, plain] = [
      await pixels(path, stack, 'folded'),
      await pixels(out, [], 'stacked'),
      await pixels(path, [], 'stacked'),
    ]
    expect(farthest(folded, merged)).toBeLessThanOrEqual(1)
    expect(farthest(folded, plain)).toBeGreaterThan(8)
  })
})

test('what the stack leaves alone is copied bit for bit, and the metadata says what was merged and hashes right', async () => {
  const path = await base('sd1', 'file')
  const out = at('one.safetensors')
  await format.write(await openCheckpoint(path), await stackOn(path, /^unet\.mid_block.*to_q$/), out)
  const [before, after] = [await openSafetensors(path), await openSafetensors(out)]
  expect([...after.entries.keys()]).toEqual([...before.entries.keys()])
  const differing: string[] = []
  for (const name of before.entries.keys())
    if (Buffer.compare(await readBytes(before, name), await readBytes(after, name)) !== 0) differing.push(name)
  expect(differing).toEqual([1, 2].map((n) => `model.diffusion_model.middle_block.1.transformer_blocks.0.attn${n}.to_q.weight`))
  const bytes = await readFile(out)
  const hash = createHash('sha256')
    .update(bytes.subarray(8 + after.headerLength))
    .digest('hex')
  expect(Object.fromEntries(after.metadata)).toMatchObject({
    'modelspec.author': 'somebody',
    'modelspec.title': 'one',
    'modelspec.architecture': 'stable-diffusion-v1',
    'modelspec.merged_from': 'sd1, style (0.8)',
    'modelspec.hash_sha256': `0x${hash}`,
  })
  expect(JSON.parse(after.metadata.get('pigment.merged') ?? '')).toEqual({
    base: 'sd1.safetensors',
    adapters: [{ name: 'style', unet: 0.8, text_encoder: 0.5 }],
  })
})

test.each([
  ['fp16', 'F16'],
  ['bf16', 'BF16'],
] as const)('in %s every weight is, and whole numbers stay', async (precision, dtype) => {
  const path = await base('sd2', 'file')
  const out = at(`sd2-${precision}.safetensors`)
  const { bytes } = await format.write(await openCheckpoint(path), await stackOn(path, /attn1\.to_v$/), out, { precision })
  const { entries, size, headerLength } = await openSafetensors(out)
  expect(new Set([...entries.values()].map((entry) => entry.dtype))).toEqual(new Set([dtype]))
  expect(size - headerLength - 8).toBe(bytes)
  expect(farthest(await pixels(out, [], 'stacked'), await pixels(path, await stackOn(path, /attn1\.to_v$/), 'folded'))).toBeLessThan(40)
})

test('a stop leaves nothing, neither a file nor a folder, nor does a sum that is no number', async () => {
  for (const layout of ['file', 'folder'] as const) {
    const path = await base('sd1', layout)
    const stack = await stackOn(path, /attn1/)
    const before = (await readdir(folder)).toSorted()
    const stop = new AbortController()
    const out = at(layout === 'file' ? 'stopped.safetensors' : 'stopped')
    const stopped = format.write(await openCheckpoint(path), stack, out, {
      signal: stop.signal,
      onProgress: (done, total) => void (done > total / 2 && stop.abort()),
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    const wild = stack.map((entry) => ({ ...entry, weight: 1e60 }))
    await expect(format.write(await openCheckpoint(path), wild, out)).rejects.toMatchObject({ code: 'bake-not-finite' })
    const high = stack.map((entry) => ({ ...entry, weight: 1e6 }))
    const half = { precision: 'fp16' } as const
    await expect(format.write(await openCheckpoint(path), high, out, half)).rejects.toMatchObject({ code: 'precision-overflow' })
    expect((await readdir(folder)).toSorted()).toEqual(before)
  }
})

test('the base is never written over, nor by a link to it, and nothing to merge is told', async () => {
  const path = await base('sd1', 'file')
  const [model, stack] = [await openCheckpoint(path), await stackOn(path, /attn1/)]
  await symlink(path, at('link.safetensors'))
  for (const out of [path, at('link.safetensors')])
    await expect(format.write(model, stack, out)).rejects.toMatchObject({ code: 'bake-over-base' })
  await expect(format.write(model, [], at('none.safetensors'))).rejects.toMatchObject({ code: 'bake-nothing' })
  const off = stack.map((entry) => ({ ...entry, enabled: false }))
  await expect(format.write(model, off, at('none.safetensors'))).rejects.toMatchObject({ code: 'bake-nothing' })
  const inner = await base('sd1', 'folder')
  const within = format.write(await openCheckpoint(inner), stack, join(inner, 'merged'))
  await expect(within).rejects.toMatchObject({ code: 'bake-over-base' })
})

test('of a folder everything comes along but the weights that were not opened', async () => {
  const path = await base('sdxl', 'folder')
  for (const name of ['unet/diffusion_pytorch_model.bin', 'unet/diffusion_pytorch_model.fp16.safetensors', 'whole.ckpt', 'README.md'])
    await writeFile(join(path, name), 'text')
  const { files } = await format.write(await openCheckpoint(path), await stackOn(path, /to_q/), at('along'))
  const names = await readdir(at('along'), { recursive: true, withFileTypes: true })
  expect(names.filter((entry) => entry.isFile())).toHaveLength(files.length)
  expect((await readdir(at('along/unet'))).toSorted()).toEqual(['config.json', 'diffusion_pytorch_model.safetensors'])
  expect(await readdir(at('along'))).toEqual(expect.arrayContaining(['README.md', 'model_index.json', 'scheduler', 'tokenizer', 'vae']))
  expect(await readdir(at('along'))).not.toContain('whole.ckpt')
})
