import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { fieldsOf, type FieldDescription } from '../../engine/requests/fields.ts'

vi.stubGlobal('$state', <T>(value: T) => value)
const { fieldProblems } = await import('./form-problems.ts')

const form = z.object({
  rank: z.int().min(1).max(1024).default(16),
  optimizer: z.enum(['adamw', 'lion']).default('adamw'),
  lossWeight: z.enum(['constant', 'debiased', 'min-snr']).optional(),
  minSnrGamma: z.number().positive().optional(),
})
const beta = fieldsOf(z.object({ beta1: z.number().min(0).lt(1).default(0.9) }))
const eps = fieldsOf(z.object({ eps: z.number().positive().default(1e-8) }))
const fields = fieldsOf(form).map((field): FieldDescription => {
  if (field.key === 'minSnrGamma') return { ...field, belongsTo: { field: 'lossWeight', names: ['min-snr'] } }
  if (field.key !== 'optimizer') return field
  const card = (name: string, options: readonly FieldDescription[]) => ({ name, title: name, options })
  return { ...field, cards: [card('adamw', [...beta, ...eps]), card('lion', beta)] }
})
const usual = form.parse({})
const told = (values: object): string[] =>
  fieldProblems(fields, (key) => ({ ...usual, ...values })[key as keyof typeof usual]).map(({ key, text }) => `${key} | ${text}`)

test('a field tells what it takes where its value does not fit', () => {
  expect(told({})).toEqual([])
  expect(told({ rank: 0 })).toEqual(['rank | Rank: 1 to 1024'])
})

test('an option of another choice is told beside the one that is made', () => {
  expect(told({ lossWeight: 'debiased', minSnrGamma: 5 })).toEqual([
    'minSnrGamma | Min-SNR γ: does nothing beside debiased: leave it empty, or choose min-SNR',
  ])
  expect(told({ lossWeight: 'debiased', minSnrGamma: -1 })).toHaveLength(1)
  expect(told({ minSnrGamma: 5 })).toEqual([])
  expect(told({ lossWeight: 'min-snr', minSnrGamma: 5 })).toEqual([])
})

test('the options that a choice has of its own are fields too', () => {
  expect(told({ optimizerOptions: { beta1: 1 } })).toEqual(['beta1 | β₁: 0 or more, less than 1'])
  // Those of another are not asked for.
  expect(told({ optimizer: 'lion', optimizerOptions: { eps: -1 } })).toEqual([])
})
