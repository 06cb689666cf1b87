// The meter of what is forgotten: it sees no difference where there is none, and what it keeps beside the adapter is the same for a run that was stopped.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Generated } from '../../engine/generate.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { train } from './engine/train.ts'
import { train as command } from '../commands/train.ts'
import { driftOf } from './forgetting.ts'
import { pictureFeatures } from './style-score.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

const drawn = (seed: number, side = 64): Generated => ({
  pixels: { shape: [1, 3, side, side], data: new Float32Array(3 * side * side) },
  rgb: Uint8Array.from(randomStream(seed, 'rgb', 0).integers(side * side * 3, 0, 256)),
  width: side,
  height: side,
  latents: { shape: [1, 4, 8, 8], data: randomStream(seed, 'latents', 0).normal(256) },
})

test('the same pictures have not moved, others have', () => {
  const [one, two] = [drawn(1), drawn(2)]
  expect(driftOf([one], [one])).toEqual({ latents: 0, features: 0 })
  expect(driftOf([one, two], [one, drawn(3)]).latents).toBeCloseTo(driftOf([two], [drawn(3)]).latents / 2, 6)
  expect(driftOf([one], [two]).features).toBeGreaterThan(0.1)
  // A larger picture is looked at in the classifier's size: each of its points four times gives the same.
  const { rgb } = one
  const large = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 128, Math.floor(i / 3 / 128)]
    return rgb[(Math.floor(y / 2) * 64 + Math.floor(x / 2)) * 3 + (i % 3)] ?? 0
  })
  expect(pictureFeatures({ width: 128, height: 128, data: large })).toEqual(pictureFeatures({ width: 64, height: 64, data: rgb }))
})

async function run(name: string, stops: readonly number[]) {
  const out = folder.at(`${name}.safetensors`)
  const usual = {
    model: folder.at('tiny'),
    dataset: folder.at('pictures'),
    rank: 2,
    alpha: 1,
    steps: 3,
    lr: 1e-2,
    resolution: 64,
    title: 'x',
  }
  const { methodOption: _method, ...given } = command.input.parse({ ...usual, out }) as never as { methodOption?: unknown } & Parameters<
    typeof train
  >[0]
  const told: number[] = []
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const emit = (event: Parameters<typeof context.emit>[0]): void => {
      if (event.type !== 'forgetting') return
      told.push(event.step as number)
      if ((event.step as number) >= stop) interrupt.abort()
    }
    const running = train(
      { ...given, ...folder.machinery, checkpointEvery: 1, forgetting: 2 },
      { ...context, emit, signal: interrupt.signal },
    )
    if (stop === Infinity) await running
    else await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  }
  const stem = folder.at(name)
  return { told, json: await readFile(`${stem}.forgetting.json`, 'utf8'), png: await readFile(`${stem}.forgetting.png`) }
}

test('it is measured every so many steps and at the end; a run that was stopped keeps what it measured', async () => {
  const [whole, parted] = [await run('whole', []), await run('parted', [2])]
  expect(whole.told).toEqual([2, 3])
  const { points } = JSON.parse(whole.json) as { points: { step: number; latents: number }[] }
  expect(points.map(({ step }) => step)).toEqual([2, 3])
  expect(points.every(({ latents }) => latents > 0)).toBe(true)
  expect(parted.json).toBe(whole.json)
  expect(parted.png.equals(whole.png)).toBe(true)
})
