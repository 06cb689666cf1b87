import { expect, test } from 'vitest'
import { trainingFields, trainingPresets } from './training-fields.ts'
import { trainingProblems } from './training-problems.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { usualValues } from '../../engine/requests/usual-values.ts'

test('every adapter, method and optimizer that can be chosen goes with every preset', () => {
  for (const { values } of Object.values(trainingPresets).flat())
    for (const field of ['variant', 'method', 'optimizer'])
      for (const { name } of trainingFields.find(({ key }) => key === field)?.cards ?? []) {
        const form = { ...usualValues(trainingFields, values, { [field]: name }), [field]: name }
        expect([name, trainingProblems(trainRequest.parse({ dataset: 'd', ...form }))]).toEqual([name, []])
      }
})

test('what goes with a choice stands before the preset, and only while it is chosen', () => {
  const card = (name: string, usual?: Record<string, unknown>) => ({ name, title: name, options: [], ...(usual ? { usual } : {}) })
  const kind = {
    key: 'kind',
    kind: 'choice',
    description: '',
    optional: false,
    default: 'plain',
    cards: [card('plain'), card('odd', { rate: 1 })],
  } as const
  const rate = { key: 'rate', kind: 'number', description: '', optional: false, default: 3 } as const
  expect(usualValues([kind, rate], { rate: 2 })).toEqual({ kind: 'plain', rate: 2 })
  expect(usualValues([kind, rate], { rate: 2 }, { kind: 'odd' })).toEqual({ kind: 'plain', rate: 1 })
  expect(usualValues([kind, rate])).toEqual({ kind: 'plain', rate: 3 })
})
