import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../datasets/dataset.ts'
import { encodePng } from '../images/write-png.ts'
import { samples } from '../models/fingerprint.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { trainRequest } from '../requests/train.ts'
import { engineVersion } from '../requests/version.ts'
import { Model } from '../sessions/open-model.ts'
import { runIdentity } from './run-identity.ts'
import { train } from '../train.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-identity-'))
  await writeDiffusers(join(folder, 'model'), soundModel('sdxl'))
})
afterAll(() => rm(folder, { recursive: true }))

const request = trainRequest.parse({ dataset: 'x', seed: 3 })
const dataset: Pick<Dataset, 'fingerprint' | 'pictures'> = { fingerprint: 'p', pictures: [] }

async function identityOf(path: string, change: { threads?: number; request?: object; dataset?: object } = {}) {
  await using model = await Model.open(path, { threads: change.threads ?? 1 })
  return runIdentity(model, { ...request, ...change.request }, { ...dataset, ...change.dataset })
}

async function differing(change: (copy: string) => Promise<void>, options?: Parameters<typeof identityOf>[1]): Promise<string[]> {
  const copy = join(await mkdtemp(join(folder, 'copy-')), 'renamed')
  await cp(join(folder, 'model'), copy, { recursive: true })
  await change(copy)
  const [was, now] = [await identityOf(join(folder, 'model')), await identityOf(copy, options)]
  return Object.keys({ ...was, ...now }).filter((name) => was[name] !== now[name])
}

/** One byte in the middle of the last tensor. */
async function touch(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1
  await writeFile(path, bytes)
}

async function merge(path: string, fields: object): Promise<void> {
  await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...fields }))
}

test.each<[string, string[], (copy: string) => Promise<void>]>([
  ['nothing but the place', [], async () => undefined],
  ['the UNet', ['unet'], (copy) => touch(join(copy, 'unet/diffusion_pytorch_model.safetensors'))],
  ['its configuration', ['unet'], (copy) => merge(join(copy, 'unet/config.json'), { norm_eps: 1e-6 })],
  ['the text encoder', ['textEncoder'], (copy) => touch(join(copy, 'text_encoder/model.safetensors'))],
  ['the second text encoder', ['textEncoder2'], (copy) => touch(join(copy, 'text_encoder_2/model.safetensors'))],
  ['the VAE', ['vae'], (copy) => touch(join(copy, 'vae/diffusion_pytorch_model.safetensors'))],
  ['the vocabulary', ['tokenizer'], (copy) => merge(join(copy, 'tokenizer/vocab.json'), { a: 3 })],
  ['the merges', ['tokenizer'], (copy) => writeFile(join(copy, 'tokenizer/merges.txt'), '#version: 0.2\n\n')],
  ['the schedule', ['schedule'], (copy) => merge(join(copy, 'scheduler/scheduler_config.json'), { beta_end: 0.013 })],
])('a run knows that this changed: %s', async (_, expected, change) => {
  expect(await differing(change)).toEqual(expected)
})

test('the layer of the text encoder that captions are read at is told apart where it is not the usual one', async () => {
  const same = async (): Promise<void> => undefined
  expect(await differing(same, { request: { clipSkip: 1 } })).toEqual([])
  expect(await differing(same, { request: { clipSkip: 2 } })).toEqual(['clipSkip'])
})

test('settings, pictures and threads are told apart, the place of the pictures and the title are not', async () => {
  const same = async (): Promise<void> => undefined
  const other = { lr: 2e-4, dataset: 'y', title: 'other', checkpointEvery: 7, ema: 0.9 }
  expect(await differing(same, { threads: 2, request: other, dataset: { fingerprint: 'q' } })).toEqual(['lr', 'pictures', 'threads', 'ema'])
  const { runtime, engine, device } = await identityOf(join(folder, 'model'))
  expect([runtime, engine, device]).toEqual([expect.stringMatching(/^\d+\.\d+/), engineVersion, 'cpu'])
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(engineVersion).toBe(version)
})

test('small tensors are read whole, large ones from the first byte to the last', () => {
  expect(samples(65536)).toEqual([[0, 65536]])
  const found = samples(1_000_000)
  expect([found[0], found.at(-1)]).toEqual([
    [0, 4096],
    [1_000_000 - 4096, 4096],
  ])
  expect(found).toHaveLength(4)
})

test('a run that was stopped does not go on with another VAE, and says that it is the VAE', async () => {
  const path = join(folder, 'run-model')
  await writeDiffusers(path, soundModel('sd1'))
  await mkdir(join(folder, 'set'))
  await writeFile(join(folder, 'set/a.png'), await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) }))
  await writeFile(join(folder, 'set/a.txt'), 'a')
  const run = async (): Promise<string> => {
    await using model = await Model.open(path, { threads: 1 })
    const stop = new AbortController()
    const given = trainRequest.parse({ dataset: join(folder, 'set'), steps: 3, rank: 2, resolution: 64 })
    const course = train(model, given, { runFolder: join(folder, 'run'), signal: stop.signal })
    try {
      for await (const event of course) if (event.type === 'step') stop.abort()
      return 'done'
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(await run()).toMatch('Stopped after step 1')
  expect(await run()).toMatch('Stopped after step 2')
  await touch(join(path, 'vae/diffusion_pytorch_model.safetensors'))
  expect(await run()).toMatch('belong to another run. What differs: the weights of the VAE. Change it back to continue from step 2')
})
