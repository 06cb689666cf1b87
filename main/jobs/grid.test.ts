import { expect, test } from 'vitest'
import { generateForm } from '../api/methods/generate.ts'
import type { Library } from '../stores/library.ts'
import { gridCells } from './grid.ts'

const library = {} as Library
const form = generateForm.parse({ prompt: 'a fox', sampler: 'ddim', samplerOptions: { eta: 0.5 } })
const asked = (x: Parameters<typeof gridCells>[1], y?: Parameters<typeof gridCells>[2]) =>
  gridCells(form, x, y, library).cells.map((row) => row.map(({ request }) => [request.sampler, request.samplerOptions]))
const etas = { kind: 'samplerOption' as const, option: 'eta', values: [0, 1] }
const samplers = { kind: 'sampler' as const, values: ['ddim', 'euler-ancestral'] }

test('an axis of an option varies it, and says which and how much', () => {
  expect(gridCells(form, etas, undefined, library).columns).toEqual(['eta 0', 'eta 1'])
  expect(asked(etas)).toEqual([
    [
      ['ddim', { eta: 0 }],
      ['ddim', { eta: 1 }],
    ],
  ])
})

test('options are of the form’s own sampler: another begins with its defaults, unless the other axis tells it too', () => {
  expect(asked(samplers)).toEqual([
    [
      ['ddim', { eta: 0.5 }],
      ['euler-ancestral', undefined],
    ],
  ])
  const both = [
    ['ddim', { eta: 1 }],
    ['euler-ancestral', { eta: 1 }],
  ]
  expect(asked(samplers, etas)[1]).toEqual(both)
  expect(asked(etas, samplers).map((row) => row[1])).toEqual(both)
})
