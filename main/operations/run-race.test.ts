// A whole race on a tiny model: what it measures, writes and keeps.
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raceShape, type RaceResult } from '../../engine/requests/race.ts'
import { callsHere } from '../processes/caller.ts'
import { engineOperations, type EngineOperations } from './engine/index.ts'
import { never, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { entrants, taking } from './race/entrants.ts'
import { runRace } from './run-race.ts'
import { raceTable } from './race/table.ts'
import type { RaceGiven } from './race/task.ts'

let folder: Awaited<ReturnType<typeof workFolder>>
beforeAll(async () => {
  folder = await workFolder()
  await writeTinyModel(folder.at('model'), 'sd1')
  await writeDataset(
    folder.at('set'),
    Array.from({ length: 16 }, (_, i) => `p${i}`),
  )
})
afterAll(() => folder.remove())

const given = (out: string, more: Partial<RaceGiven> = {}): RaceGiven => ({
  ...raceShape.parse({ methods: ['lora-4', 'lora-16'], steps: 2, batch: 1, sampleSteps: 1, resolution: 64, prompts: ['p1'] }),
  dataset: folder.at('set'),
  model: folder.at('model'),
  out: folder.at(out),
  ...folder.machinery,
  ...more,
})
const engine = callsHere<EngineOperations>(() => Promise.resolve(engineOperations))
const watching = (seen: string[] = [], signal = never) => ({
  signal,
  onEvent: (event: { readonly type: string }, { title }: { readonly title: string }) => void (event.type === 'start' && seen.push(title)),
})
const told = (result: RaceResult) => result.rows.map(({ pictures: _files, training, ...row }) => ({ ...row, steps: training?.steps }))

/** The race of the first test, which others are held against. */
let first: Awaited<ReturnType<typeof runRace>>
test('each is trained and measured alike, the pictures of measuring apart, and the table and two sheets are written', async () => {
  first = await runRace(given('first'), engine, watching())
  const { result, files } = first
  expect(result.measured).toEqual({ pictures: 2, seen: false })
  expect(result.rows.map(({ name }) => name)).toEqual(['model', 'lora-4', 'lora-16'])
  const [alone, small, large] = result.rows
  expect([alone?.training, alone?.forgetting]).toEqual([undefined, 0])
  expect(large?.training?.trainable).toBe(4 * (small?.training?.trainable ?? 0))
  for (const row of [small, large]) {
    expect(row?.training).toMatchObject({ steps: 2, lr: 1e-4 })
    expect(row?.training?.memoryBytes).toBeGreaterThan(1e6)
    expect(row?.heldOut).toBeGreaterThan(0)
    expect(row?.forgetting).toBeGreaterThan(0)
    expect(row?.forgetting).toBeLessThan(1)
  }
  expect(new Set(result.rows.map(({ letter }) => letter))).toEqual(new Set(['A', 'B', 'C']))
  const written = JSON.parse(await readFile(files.json, 'utf8')) as RaceResult
  expect(written.rows[1]?.pictures.slice(0, 2)).toEqual(['lora-4/0.png', 'lora-4/1.png'])
  expect(await readFile(files.table, 'utf8')).toBe(raceTable(result))
  expect(await readdir(folder.at('first'))).toEqual(expect.arrayContaining(['race.png', 'race-blind.png']))
})

test('a race that was stopped keeps who is finished, and comes out as one that was not', async () => {
  const stop = new AbortController()
  const once: string[] = []
  const cut = runRace(given('cut'), engine, {
    signal: stop.signal,
    onEvent(event, { title }) {
      watching(once).onEvent(event, { title })
      if (title === 'LoRA, rank 16' && event.type === 'step') stop.abort()
    },
  })
  await expect(cut).rejects.toMatchObject({ code: 'cancelled' })
  expect(once).toEqual(['LoRA, rank 4', 'LoRA, rank 16'])
  const again: string[] = []
  const { result } = await runRace(given('cut'), engine, watching(again))
  expect(again).toEqual(['LoRA, rank 16'])
  expect(told(result)).toEqual(told(first.result))
  expect(await readFile(folder.at('cut', 'lora-16', 'lora-16.safetensors'))).toHaveLength((await readFile(folder.at('first', 'lora-16', 'lora-16.safetensors'))).length) // prettier-ignore
  // Asked otherwise, nothing of it holds.
  const other: string[] = []
  const seen = new AbortController()
  const anew = runRace(given('cut', { steps: 3 }), engine, {
    signal: seen.signal,
    onEvent(event, { title }) {
      watching(other).onEvent(event, { title })
      if (other.length === 2) seen.abort()
    },
  })
  await expect(anew).rejects.toMatchObject({ code: 'cancelled' })
  expect(other).toEqual(['LoRA, rank 4', 'LoRA, rank 16'])
})

test('at equal time each has as many steps as fit', async () => {
  const { result } = await runRace(given('time', { methods: ['lora-4'], equal: 'time', seconds: 1 }), engine, watching())
  expect(result.rows[1]?.training?.steps).toBeGreaterThanOrEqual(6)
})

test('who fails by itself is absent with its reason, and the race goes on', async () => {
  const failing = { ...engine, call: ((name: string, task: { entrant?: { name: string } }, options: never) => task.entrant?.name === 'lora-4' ? Promise.reject(new Error('Broken.')) : engine.call(name as never, task as never, options)) as typeof engine.call } // prettier-ignore
  const { result } = await runRace(given('first'), failing, watching())
  expect(result.rows.map(({ name }) => name)).toEqual(['model', 'lora-16'])
  expect(result.absent).toMatchObject([{ name: 'lora-4', reason: 'Broken.' }])
})

test('a name that nobody has is refused with all that there are; every registered method and kind can race', () => {
  expect(() => taking(['lora-4', 'lora-5'])).toThrow(expect.objectContaining({ code: 'race-unknown' }))
  const names = entrants.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['lora-4', 'adalora', 'dora', 'full', 'loha', 'lokr', 'oft', 'ia3']))
  expect(new Set(names).size).toBe(names.length)
  expect(taking(['lora-16', 'lora-4']).in.map(({ name }) => name)).toEqual(['lora-4', 'lora-16'])
})
