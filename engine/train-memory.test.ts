// A run that cannot fit into memory is refused before a picture is encoded, and leaves nothing behind.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trainRequest } from './requests/train.ts'
import type { TrainEvent } from './requests/train-events.ts'
import { Model } from './sessions/open-model.ts'
import { train } from './train.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pigment-room-'))))
afterAll(() => rmSync(folder, { recursive: true }))

test('beyond what the machine has it stops, with the change that would help', async () => {
  const assets = join(import.meta.dirname, '../assets')
  await using model = await Model.open(join(assets, 'models/pigment-small'), { threads: 1 })
  const dataset = join(assets, 'samples/black-ink')
  const request = trainRequest.parse({ dataset, rank: 4, alpha: 4, steps: 1, batch: 8, resolution: 64 })
  const runFolder = join(folder, 'run')
  const seen: TrainEvent[] = []
  const started = async (total: number): Promise<void> => {
    for await (const event of train(model, request, { runFolder, room: { free: total, total, sure: true } })) seen.push(event)
  }
  await expect(started(4e8)).rejects.toMatchObject({ code: 'memory-short', facts: { change: expect.any(Object) as object } })
  await expect(started(1e7)).rejects.toMatchObject({ code: 'memory-short' })
  expect(seen.filter((event) => event.type === 'prepare' && event.stage !== 'dataset')).toEqual([])
  expect(existsSync(runFolder)).toBe(false)
})
