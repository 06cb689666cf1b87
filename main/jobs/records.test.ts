import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JobEvent } from '../api/topics.ts'
import { JobRecords } from './records.ts'

let root: string
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-records-'))))
afterEach(() => rm(root, { recursive: true, force: true }))

const prepare = (stage: 'latents' | 'captions', done: number, total: number): JobEvent => ({ type: 'prepare', stage, done, total })
const start: JobEvent = { type: 'start', step: 0, steps: 2, trainable: 1, total: 2, pictures: 3 }
const kept = async (): Promise<JobEvent[]> => {
  const lines = (await readFile(join(root, 'run.events.jsonl'), 'utf8')).trim().split('\n')
  return lines.map((line) => (JSON.parse(line) as { event: JobEvent }).event)
}

test('of ten thousand pictures that are prepared one line is kept for each stage, and the last is told meanwhile', async () => {
  const records = new JobRecords(root)
  await records.begin('run')
  const many = 10_000
  for (let i = 0; i < many; i++) {
    expect(records.add('run', prepare('latents', i, many))).toBe(i)
    if (i % 1000 === 0) await records.flush()
  }
  expect((await records.tell('run')).latest).toEqual([prepare('latents', many - 1, many)])
  for (const done of [0, 16]) records.add('run', prepare('captions', done, 20))
  records.add('run', start)
  await records.flush()
  expect(await kept()).toEqual([prepare('latents', many - 1, many), prepare('captions', 16, 20), start])
  expect(await records.tell('run')).toMatchObject({ events: many + 3, latest: [prepare('captions', 16, 20), start] })
  // What one process did not keep does not count in the next.
  const again = new JobRecords(root)
  await again.begin('run')
  expect(again.add('run', start)).toBe(3)
  await again.flush()
})
