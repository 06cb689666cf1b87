// What tests of commands share: a context that keeps records, a folder of tiny things, a random adapter.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import type { Adapter, AdapterModule } from '../../engine/adapters/adapter.ts'
import { loraModule } from '../../engine/adapters/variants/lora.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import type { Family } from '../../engine/checkpoint/config.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import type { EmittedRecord } from '../api/command.ts'
import type { OperationContext } from '../processes/operation.ts'
import type { Machinery } from './machinery.ts'

interface FakeContext extends OperationContext<EmittedRecord> {
  readonly device: 'cpu'
  readonly threads: number
  readonly records: EmittedRecord[]
}

export function fakeContext(): FakeContext {
  const records: EmittedRecord[] = []
  return { device: 'cpu', threads: 1, records, signal: never, emit: (record) => void records.push(record), onNotify: () => undefined }
}

export const never = new AbortController().signal

interface WorkFolder {
  readonly at: (...parts: string[]) => string
  /** On what an operation computes: one thread, where a graph that was opened before opens in a fourth of the time. */
  readonly machinery: Machinery & { readonly device: 'cpu' }
  readonly remove: () => Promise<void>
}

/** A folder of its own, and how to remove it. */
export async function workFolder(): Promise<WorkFolder> {
  const root = await mkdtemp(join(tmpdir(), 'pigment-commands-'))
  const kept = join(root, 'optimized')
  return {
    at: (...parts) => join(root, ...parts),
    machinery: { device: 'cpu', threads: 1, optimized: { folder: kept, budget: 2 ** 33, least: 0 } },
    async remove() {
      // What is still written into it would be in the way.
      if (existsSync(kept)) await (await import('../../engine/runtime/optimized-session.ts')).optimizedModelsKept()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A checkpoint of random weights in the diffusers layout. */
export async function writeTinyModel(path: string, family: Family): Promise<void> {
  await writeDiffusers(path, tinyModel(family))
}

/** Plain pictures of 64 × 64 with captions; those named in `silent` have none. */
export async function writeDataset(folder: string, names: readonly string[], silent: readonly string[] = []): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [i, name] of names.entries()) {
    const data = randomStream(7, 'picture', i).integers(64 * 64 * 3, 0, 256)
    await writeFile(join(folder, `${name}.png`), await encodePng({ width: 64, height: 64, data: Uint8Array.from(data) }))
    if (!silent.includes(name)) await writeFile(join(folder, `${name}.txt`), `${name}, noise`)
  }
}

/** Random pairs on the attention projections of a checkpoint's UNet. */
export async function randomAdapter(model: string, name: string, seed = 1): Promise<Adapter> {
  const { shapes } = moduleShapes(await openCheckpoint(model))
  const modules: AdapterModule[] = []
  for (const [key, [outputs = 0, inputs = 0]] of shapes) {
    if (!/^unet\..*attn\d\.to_(q|k|v|out\.0)$/.test(key)) continue
    const values = (side: string, shape: number[]) => ({ shape, data: randomStream(seed, `${side} ${key}`, 0).normal(elementCount(shape)) })
    const pair = { down: values('down', [4, inputs]), up: values('up', [outputs, 4]), alpha: 2 }
    modules.push(loraModule({ component: 'unet', path: key.slice('unet.'.length) }, pair))
  }
  return { name, modules, metadata: { ss_network_dim: '4', 'modelspec.trigger_phrase': 'mos\x1b[2Js' }, skipped: [] }
}

/** As kohya's files, each of other weights. */
export async function writeRandomAdapters(model: string, paths: readonly string[], precision: 'fp32' | 'fp16'): Promise<void> {
  const modules = moduleShapes(await openCheckpoint(model))
  for (const [i, path] of paths.entries()) await writeAdapter(await randomAdapter(model, 'x', i + 1), 'kohya', path, { modules, precision })
}

/** What stands behind the header of a .safetensors file. */
export const weightsIn = (file: Buffer): Buffer => file.subarray(8 + Number(file.readBigUInt64LE(0)))
