// What is written is read back: a file that cannot be used is refused, with what is wrong of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { readBack, refuseUnsound } from './read-back.ts'
import { readAdapter, writeCompared, type ModuleShapes } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'pigment-read-back-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'
const modules = {
  family: 'sd1',
  layout: { blockOutChannels: [32, 64], layersPerBlock: 1, transformerLayers: [1, 0] },
  shapes: new Map([[`unet.${path}`, [4, 6]]]),
  closed: new Map(),
} as unknown as ModuleShapes
const tensor = (shape: number[], value: number): Tensor => ({
  shape,
  data: Float32Array.from({ length: (shape[0] ?? 0) * (shape[1] ?? 0) }, (_, i) => value * (i + 1)),
})
const adapterOf = (up: number): Adapter => ({
  name: 'x',
  modules: [loraModule({ component: 'unet', path }, { down: tensor([2, 6], 0.01), up: tensor([4, 2], up), alpha: 2 })],
  metadata: {},
  skipped: [],
})
const out = join(folder, 'x.safetensors')
const write = (up: number, precision: 'fp32' | 'fp16' | 'bf16') => writeCompared(adapterOf(up), 'kohya', out, { modules, precision })

test('what comes back is the adapter', async () => {
  const { written, difference } = await write(0.1, 'fp32')
  expect([written, difference.identical]).toEqual([[out], true])
  expect((await write(0.1, 'fp16')).difference.maxRelativeL2).toBeLessThan(1e-3)
})

test.each([
  [NaN, 'fp32', 'save-not-finite'],
  [Infinity, 'bf16', 'save-not-finite'],
  [1e4, 'fp16', 'precision-overflow'],
  [4.245e37, 'bf16', 'precision-overflow'],
  [1e-9, 'fp16', 'save-mismatch'],
] as const)('an up side of %s in %s is refused: %s', async (up, precision, code) => {
  await write(0.1, 'fp32')
  const before = readFileSync(out)
  await expect(write(up, precision)).rejects.toMatchObject({ code })
  // What is unsound never takes the place of what was there.
  if (code !== 'save-mismatch') expect(readFileSync(out).equals(before)).toBe(true)
})

test('a file that a disk spoils is told while the run still has its checkpoint', async () => {
  const adapter = adapterOf(0.1)
  await write(0.1, 'fp32')
  const sound = readFileSync(out)
  const spoilt = async (bytes: Buffer) => {
    writeFileSync(out, bytes)
    return readBack(adapter, { path: out, precision: 'fp32', read: () => readAdapter(out, modules) })
  }
  await expect(spoilt(sound.subarray(0, -9))).rejects.toMatchObject({ code: 'save-unreadable' })
  await expect(spoilt(Buffer.concat([sound.subarray(0, -4), Buffer.from([0, 0, 64, 64])]))).rejects.toMatchObject({ code: 'save-mismatch' })
  const { copy } = await spoilt(sound)
  await expect(readBack({ ...adapter, modules: [] }, { path: out, precision: 'fp32', read: async () => copy })).rejects.toMatchObject({
    code: 'save-mismatch',
    facts: { missing: [`unet.${path}`] },
  })
  expect(() => refuseUnsound(adapter, 'fp16')).not.toThrow()
})
