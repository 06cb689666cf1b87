import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes } from '../adapter-formats/base-modules.ts'
import { readAdapter, writeAdapter } from '../adapter-formats/read.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { generate, type Generated } from '../generate.ts'
import { encodePng } from '../images/write-png.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { soundModel, tinyModel, writeDiffusers } from '../models/testing.ts'
import { generateRequest } from '../requests/generate.ts'
import { encodePicture } from '../sessions/encode.ts'
import { allMasked, maskedInput } from '../sessions/masked-input.ts'
import { Model } from '../sessions/open-model.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { randomStream } from '../tensor/philox.ts'
import { conditionsWritten } from './chosen.ts'

let folder = ''
let model: Model
const size = { width: 32, height: 24 }
const at = (name: string): string => join(folder, name)
const plane = size.width * size.height
const right = Uint8Array.from({ length: plane }, (_, i) => (i % size.width >= 16 ? 255 : 0))
const old = Uint8Array.from(randomStream(1, 'picture', 0).normal(plane * 3), (value) => 128 + 40 * value)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-masked-'))
  await writeDiffusers(at('nine'), soundModel('sd1', { inChannels: 9 }))
  model = await Model.open(at('nine'), { threads: 1 })
  await writeFile(at('old.png'), await encodePng({ ...size, data: old }))
  const rgb = Uint8Array.from({ length: plane * 3 }, (_, k) => right[Math.floor(k / 3)] ?? 0)
  await writeFile(at('right.png'), await encodePng({ ...size, data: rgb }))
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function drawn(conditions: Readonly<Record<string, string | number>>): Promise<Generated> {
  const making = generate(model, generateRequest.parse({ prompt: 'ab', steps: 2, seed: 3, sampler: 'euler', ...size, conditions }))
  for (;;) {
    const { done, value } = await making.next()
    if (done) return value
  }
}

test('a network for inpainting sees which cells are masked, by the pixel in their corner, and the latents of what is not', async () => {
  const pixels = Float32Array.from(old, (value) => value / 127.5 - 1)
  const [h, w] = [size.height / model.pixelFactor, size.width / model.pixelFactor]
  const seen = await maskedInput(model, { pixels, mask: { ...size, data: right }, weight: 1 })
  expect([...seen.subarray(0, h * w)]).toEqual(Array.from({ length: h * w }, (_, i) => (i % w >= w / 2 ? 1 : 0)))
  const { mean } = await encodePicture(model, pixels.map((value, i) => (right[i % plane] ? 0 : value)), size) // prettier-ignore
  expect(relativeL2(seen.subarray(h * w), mean)).toBeLessThan(1e-6)
  const all = (await allMasked(model, size)) ?? new Float32Array()
  expect([all.length, all.subarray(0, h * w).every((value) => value === 1)]).toEqual([5 * h * w, true])
})

test('it draws from a prompt alone and larger, and behind a mask keeps every byte outside', async () => {
  expect(await drawn({ hiresScale: 2 })).toMatchObject({ width: 64, height: 48 })
  const start = { initImage: at('old.png'), denoisingStrength: 0.8, mask: at('right.png'), maskBlur: 0 }
  const [hidden, shown, free] = [
    await drawn(start),
    await drawn({ ...start, maskWeight: 0 }),
    await drawn({ ...start, maskBlend: 'diffusers' }),
  ]
  const kept = ({ rgb }: Generated): boolean => rgb.every((value, k) => right[Math.floor(k / 3)] !== 0 || value === old[k])
  expect([hidden, shown, free].map(kept)).toEqual([true, true, true])
  for (const other of [shown, free]) expect(relativeL2(other.latents.data, hidden.latents.data)).toBeGreaterThan(1e-3)
})

test('what is usual of it is not told in a picture, and what is not is', () => {
  const given = { initImage: 'a.png', mask: 'b.png' }
  const keys = (more: object) => conditionsWritten({ ...given, ...more }).map(([key]) => key)
  expect(keys({})).not.toContain('Conditional mask weight')
  expect(keys({ maskWeight: 0.5, maskBlend: 'diffusers' }).slice(-2)).toEqual(['Conditional mask weight', 'Mask blend'])
})

test('an adapter of an ordinary model loads on it, and the other way, without the first convolution where that differs', async () => {
  await writeDiffusers(at('four'), tinyModel('sd1'))
  const [four, nine] = [moduleShapes(await openCheckpoint(at('four'))), moduleShapes(model.checkpoint)]
  const filled = (shape: number[]) => ({ shape, data: randomStream(2, 'pair', 0).normal(shape.reduce((all, side) => all * side, 1)) })
  const pair = (path: string, [O = 0, ...inward]: readonly number[]) =>
    loraModule({ component: 'unet', path }, { down: filled([2, ...inward]), up: filled([O, 2, ...inward.slice(1).map(() => 1)]), alpha: 2 })
  const query = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'
  for (const [own, other, channels] of [
    [four, nine, '9 channels here and 4'],
    [nine, four, '4 channels here and 9'],
  ] as const) {
    const modules = ['conv_in', query].map((path) => pair(path, own.shapes.get(`unet.${path}`) ?? []))
    const adapter = { name: 'x', modules, metadata: {}, skipped: [] }
    await writeAdapter(adapter, 'kohya', at('x.safetensors'), { modules: own, precision: 'fp32' })
    expect((await readAdapter(at('x.safetensors'), own)).modules).toHaveLength(2)
    const read = await readAdapter(at('x.safetensors'), other)
    expect(read.modules.map(({ path }) => path)).toEqual([query])
    expect(read.skipped.map(({ reason }) => reason)).toContainEqual(expect.stringContaining(channels))
  }
})
