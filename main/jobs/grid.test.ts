import { expect, test } from 'vitest'
import { generateForm, gridAxis } from '../api/methods/generate.ts'
import type { Library } from '../stores/library.ts'
import { gridCells, gridWorld } from './grid.ts'

const library = { embeddings: () => [] } as unknown as Library
const form = generateForm.parse({ prompt: 'a fox', sampler: 'ddim', samplerOptions: { eta: 0.5 } })
const world = gridWorld(library, [])
const source = { lines: async () => [], styles: async () => [] }
const parts = { library, world, source }
type Axes = Parameters<typeof gridCells>[1]
const asked = async (axes: Axes) =>
  Object.values(Object.groupBy((await gridCells(form, axes, parts)).cells, ({ row }) => row)).map((cells) =>
    cells?.map(({ task: { request } }) => [request.sampler, request.samplerOptions]),
  )
const etas = { kind: 'samplerOption' as const, option: 'eta', values: [0, 1] }
const samplers = { kind: 'sampler' as const, values: ['ddim', 'euler-ancestral'] }

test('an axis of an option varies it, and says which and how much', async () => {
  expect((await gridCells(form, { x: etas }, parts)).columns).toEqual(['eta 0', 'eta 1'])
  expect(await asked({ x: etas })).toEqual([
    [
      ['ddim', { eta: 0 }],
      ['ddim', { eta: 1 }],
    ],
  ])
})

test('options are of the form’s own sampler: another begins with its defaults, unless the other axis tells it too', async () => {
  expect(await asked({ x: samplers })).toEqual([
    [
      ['ddim', { eta: 0.5 }],
      ['euler-ancestral', undefined],
    ],
  ])
  const both = [
    ['ddim', { eta: 1 }],
    ['euler-ancestral', { eta: 1 }],
  ]
  expect((await asked({ x: samplers, y: etas }))[1]).toEqual(both)
  expect((await asked({ x: etas, y: samplers })).map((row) => row?.[1])).toEqual(both)
})

test('any number, choice or switch of a request makes an axis, under the sign of its schema', async () => {
  const axis = (given: object) => gridAxis.safeParse(given)
  const columns = async (given: object) => (await gridCells(form, { x: gridAxis.parse(given) }, parts)).columns
  expect(await columns({ kind: 'cfg', values: [1, 3] })).toEqual(['CFG 1', 'CFG 3'])
  expect(await columns({ kind: 'guidanceStop', values: [0.5] })).toEqual(['CFG share 0.5'])
  expect(await columns({ kind: 'width', values: [64, 128] })).toEqual(['Width 64', 'Width 128'])
  const emphasis = await gridCells(form, { x: gridAxis.parse({ kind: 'emphasis', values: ['a1111', 'none'] }) }, parts)
  expect(emphasis.cells.map(({ task }) => task.request.emphasis)).toEqual(['a1111', 'none'])
  for (const refused of [
    { kind: 'cfg', values: [101] },
    { kind: 'emphasis', values: ['loud'] },
    { kind: 'mode', values: ['folded'] },
  ])
    expect(axis(refused).success).toBe(false)
})
