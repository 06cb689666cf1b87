import { expect, test } from 'vitest'
import type { DatasetSummary } from '../../main/api/methods/datasets.ts'
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import type { AdapterCard } from '../../main/api/methods/library.ts'
import { adaptersAtHome, hasBegun, runsAtHome, setsAtHome } from './home-lists.ts'

const now = new Date(2026, 10, 24, 15, 0).getTime()
const hour = 3_600_000
const job = (id: string, state: JobSummary['state'], endedAt: number | null = null, kind: JobSummary['kind'] = 'train'): JobSummary => ({
  ...{ id, kind, title: id, state, place: null, step: 0, steps: 1, eta: null, preparing: null, createdAt: 0, startedAt: null, endedAt },
})
const names = (all: readonly { readonly id: string }[]): string[] => all.map(({ id }) => id)

test('a newcomer has nothing of their own: what ships with the program, and a picture drawn, is none', () => {
  expect(hasBegun([job('p', 'done', 1, 'generate')], [{ source: 'shipped' }], [{ sample: true }])).toBe(false)
  expect(hasBegun([job('r', 'queued')], [], [])).toBe(true)
  expect(hasBegun([], [{ source: 'imported' }], [])).toBe(true)
  expect(hasBegun([], [], [{ sample: false }])).toBe(true)
})

test('runs that can go on come as the queue has them; of those that ended the ones of today, or else the last', () => {
  const yesterday = job('yesterday', 'done', now - 20 * hour)
  const all = [
    job('runs', 'running'),
    job('stood', 'interrupted'),
    job('broke', 'failed', now - hour),
    yesterday,
    job('ready', 'done', now - 2 * hour),
    job('fox', 'done', now, 'generate'),
  ]
  const { going, ended } = runsAtHome(all, now)
  expect([names(going), names(ended)]).toEqual([
    ['runs', 'stood'],
    ['broke', 'ready'],
  ])
  expect(names(runsAtHome([yesterday, job('older', 'done', 5)], now).ended)).toEqual(['yesterday'])
  expect(runsAtHome([], now)).toEqual({ going: [], ended: [] })
})

test('sets of one’s own come first, the last changed before others; those that ship fill up to three', () => {
  const set = (id: string, changedAt: number, sample = false) => ({ id, changedAt, sample }) as DatasetSummary
  const samples = [set('ink', 9, true), set('comic', 8, true)]
  expect(names(setsAtHome([...samples, set('old', 1), set('new', 2)], 6))).toEqual(['new', 'old', 'ink'])
  expect(names(setsAtHome(samples, 6))).toEqual(['ink', 'comic'])
  const many = Array.from({ length: 9 }, (_, i) => set(`${i}`, i))
  expect(names(setsAtHome([...samples, ...many], 4))).toEqual(['8', '7', '6', '5'])
})

test('adapters come by when they were made or drawn with; one that shipped, once it was drawn with', () => {
  const card = (id: string, at: number, last: number, source: AdapterCard['source'] = 'trained') =>
    ({ id, at, source, used: { pictures: last > 0 ? 1 : 0, last } }) as AdapterCard
  const cards = [card('made', 5, 0), card('used', 1, 7), card('shelf', 9, 0, 'shipped'), card('tried', 0, 6, 'shipped')]
  expect(names(adaptersAtHome(cards, 8))).toEqual(['used', 'tried', 'made'])
  expect(names(adaptersAtHome(cards, 1))).toEqual(['used'])
})
