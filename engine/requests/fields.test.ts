import { expect, test } from 'vitest'
import { z } from 'zod'
import { boundsAt, fieldsOf, said, takes } from './fields.ts'
import { generateRequest } from './generate.ts'
import { trainRequest } from './train.ts'

const form = z.object({
  ...trainRequest.shape,
  name: z.string().min(1).max(120),
  samples: z.object({ prompts: z.array(z.string().min(1).max(2000)).max(8).default([]) }).prefault({}),
})

test('every field of an input is found by the path that a refusal names', () => {
  expect(boundsAt(form, ['rank'])).toEqual({ kind: 'integer', min: 1, max: 1024 })
  expect(boundsAt(form, ['lr'])).toEqual({ kind: 'number', min: 0, above: true })
  expect(boundsAt(form, ['samples', 'prompts'])).toEqual({ kind: 'list', max: 8 })
  expect(boundsAt(form, ['samples', 'prompts', 3])).toEqual({ kind: 'text', min: 1, max: 2000 })
  expect(boundsAt(form, ['nothing'])).toBeUndefined()
  expect(boundsAt(form, ['samples'])).toBeUndefined()
})

test('forms of an input that disagree about a field say nothing of it', () => {
  const either = z.union([z.object({ a: z.int().max(3), b: z.string() }), z.object({ a: z.int().max(9) })])
  expect(boundsAt(either, ['a'])).toBeUndefined()
  expect(boundsAt(either, ['b'])).toEqual({ kind: 'text' })
})

test('what a field takes is said without the jargon of schemas', () => {
  const said = ['rank', 'lr', 'captionPolicy', 'flip', 'name'].map((key) => takes(boundsAt(form, [key]) ?? { kind: 'text' }))
  expect(said).toEqual([
    'a whole number from 1 to 1024',
    'a number above 0',
    'one of error, folder-name, empty',
    'true or false',
    'a text from 1 to 120 characters',
  ])
})

test('a field is described by its schema alone', () => {
  const option = z
    .number()
    .gte(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'how slowly it forgets', group: 'course', axis: { usual: '0.9' } })
  expect(fieldsOf(z.object({ beta: option, word: z.string(), on: z.boolean().optional() }))).toEqual([
    {
      key: 'beta',
      kind: 'number',
      min: 0,
      max: 1,
      below: true,
      default: 0.9,
      optional: false,
      description: 'how slowly it forgets',
      group: 'course',
      axis: { usual: '0.9' },
    },
    { key: 'word', kind: 'text', optional: false, description: '' },
    { key: 'on', kind: 'switch', optional: true, description: '' },
  ])
  expect(takes(fieldsOf(z.object({ beta: option }))[0] ?? { kind: 'text' })).toBe('a number from 0 to below 1')
})

test('what the options of requests say of themselves is all understood', () => {
  const known = new Set<string>([...said, 'description'])
  for (const [key, field] of Object.entries({ ...trainRequest.shape, ...generateRequest.shape }))
    expect([key, ...Object.keys((field as z.ZodType).meta() ?? {}).filter((name) => !known.has(name))]).toEqual([key])
})
