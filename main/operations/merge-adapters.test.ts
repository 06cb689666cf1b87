// `pigment merge` on files: what is read, refused, written, and said of itself by the file.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import { pairOf } from '../../engine/adapters/variants/lora.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { baseOf } from './adapter-bases.ts'
import { fakeContext, randomAdapter, workFolder, writeRandomAdapters, writeTinyModel } from './testing.ts'
import { mergeAdapters } from './tools/merge-adapters.ts'

const folder = await workFolder()
const model = folder.at('tiny')
const [one, two] = [folder.at('one.safetensors'), folder.at('two.safetensors')]
const usual = { method: 'linear', seed: 0, model } as const
const file = (path: string, weight = 1) => ({ file: path, weight, enabled: true })

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeRandomAdapters(model, [one, two], 'fp16')
})
afterAll(folder.remove)

test('the file is the sum, stored as its sources are, and says how it was made without saying where they lie', async () => {
  const out = folder.at('both.safetensors')
  const context = fakeContext()
  const done = await mergeAdapters({ ...usual, files: [file(one, 0.5), file(two, -1)], out, title: 'Both' }, context)
  expect(done.written).toMatchObject({ out, precision: 'fp16' })
  expect(context.records.at(-1)).toMatchObject({ type: 'step', step: done.byLayer.length, steps: done.byLayer.length })
  const { modules } = await baseOf(model)
  const [a, b, got] = await Promise.all([one, two, out].map((path) => readAdapter(path, modules)))
  for (const [i, module] of got?.modules.entries() ?? []) {
    const [x, y] = [a?.modules[i], b?.modules[i]]
    if (!x || !y) throw new Error('A layer is missing.')
    expect(relativeL2(productOf(module), sum(productOf(x, 0.5), productOf(y, -1)))).toBeLessThan(2e-3)
  }
  const metadata = Object.fromEntries((await openSafetensors(out)).metadata)
  expect(JSON.parse(metadata['pigment.merge'] ?? '')).toMatchObject({
    method: 'linear',
    options: { normalize: false },
    sources: [
      { name: 'one', weight: 0.5, hash: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown },
      { name: 'two', weight: -1 },
    ],
  })
  expect(metadata).toMatchObject({ 'modelspec.title': 'Both', 'modelspec.merged_from': 'one, two', ss_network_dim: '8' })
  expect(metadata['modelspec.hash_sha256']).toMatch(/^0x/)
  expect((await readFile(out)).includes(Buffer.from(folder.at()))).toBe(false)
})

test('the same request gives the same bytes', async () => {
  const [x, y] = [folder.at('x', 'merged.safetensors'), folder.at('y', 'merged.safetensors')]
  for (const out of [x, y]) await mergeAdapters({ ...usual, files: [file(one), file(two)], rank: 4, out }, fakeContext())
  expect(Buffer.compare(await readFile(x), await readFile(y))).toBe(0)
})

test('merging one adapter at strength 1 gives it back', async () => {
  const out = folder.at('same.safetensors')
  await mergeAdapters({ ...usual, method: 'concat', files: [file(one)], out, precision: 'fp32' }, fakeContext())
  const { modules } = await baseOf(model)
  const [before, after] = await Promise.all([one, out].map((path) => readAdapter(path, modules)))
  if (!before || !after) throw new Error('An adapter is missing.')
  expect(compareAdapters(before, after).maxRelativeL2).toBeLessThan(1e-6)
})

test('an adapter of another family than the named model’s is refused', async () => {
  const other = folder.at('sdxl')
  await writeTinyModel(other, 'sdxl')
  const stranger = folder.at('stranger.safetensors')
  const { modules } = await baseOf(other)
  await writeAdapter(await randomAdapter(other, 'x', 3), 'kohya', stranger, { modules, precision: 'fp32' })
  await expect(mergeAdapters({ ...usual, files: [file(one), file(stranger)] }, fakeContext())).rejects.toMatchObject({
    code: 'adapter-family-mismatch',
  })
})

test('what fp16 cannot hold is refused before anything is written', async () => {
  const out = folder.at('large.safetensors')
  const files = [file(one, 1e6), file(two)]
  await expect(mergeAdapters({ ...usual, method: 'concat', files, out }, fakeContext())).rejects.toMatchObject({
    code: 'precision-overflow',
  })
  await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' })
})

const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + (b[i] ?? 0))

function productOf(module: Parameters<typeof pairOf>[0], weight = 1): Float64Array {
  const { up, down, alpha } = pairOf(module)
  const rank = down.shape[0] ?? 1
  const [outputs, inputs] = [up.data.length / rank, down.data.length / rank]
  return Float64Array.from({ length: outputs * inputs }, (_, at) => {
    let value = 0
    for (let r = 0; r < rank; r++)
      value += (up.data[Math.floor(at / inputs) * rank + r] ?? 0) * (down.data[r * inputs + (at % inputs)] ?? 0)
    return (value * weight * alpha) / rank
  })
}
