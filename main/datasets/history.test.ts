import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { History, type Change } from './history.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-history-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const captions = (label: string, count: number): Change => ({
  kind: 'captions',
  label,
  changes: Array.from({ length: count }, (_, i) => ({ path: `${i}.png`, sidecar: `/set/${i}.txt`, before: 'before', after: 'after' })),
})
const same = (one: Change): Promise<Change> => Promise.resolve(one)
const files = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.includes('.change-'))

test('a change of many captions is not written again with the next one, outlives a restart, and goes both ways', async () => {
  const history = await History.open(folder, 'd1')
  await history.record(captions('all', 10_000))
  await history.record(captions('one', 1))
  expect((await stat(join(folder, 'd1.history.json'))).size).toBeLessThan(1000)
  const again = await History.open(folder, 'd1')
  const taken: Change[] = []
  for (let i = 0; i < 2; i++) await again.undo((one) => (taken.push(one), same(one)))
  expect(taken).toEqual([captions('one', 1), captions('all', 10_000)])
  expect([again.undoLabel, again.redoLabel]).toEqual([null, 'all'])
  await again.redo(same)
  expect([again.undoLabel, again.redoLabel, (await files()).length]).toEqual(['all', 'one', 1])
})

test('what is forgotten leaves no file, and neither does what was never listed', async () => {
  const history = await History.open(folder, 'd1')
  await history.record(captions('all', 1000))
  await history.undo(same)
  await history.record(captions('other', 1))
  expect(await files()).toEqual([])
  await writeFile(join(folder, 'd1.change-left.json'), '{}')
  await writeFile(join(folder, 'd10.change-mine.json'), '{}')
  await History.open(folder, 'd1')
  expect(await files()).toEqual(['d10.change-mine.json'])
})

test('a change whose file is gone is forgotten, and those before it can be taken back', async () => {
  const history = await History.open(folder, 'd1')
  await history.record(captions('one', 1))
  await history.record(captions('all', 1000))
  for (const name of await files()) await rm(join(folder, name))
  await expect(history.undo(same)).rejects.toMatchObject({ code: 'trash-missing' })
  expect(history.undoLabel).toBe('one')
  expect(await history.undo(same)).toBe(true)
})
