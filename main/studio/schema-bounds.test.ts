import { expect, test } from 'vitest'
import { z } from 'zod'
import { trainingForm } from '../api/methods/training.ts'
import { boundsAt, takes } from '../../engine/requests/schema-bounds.ts'

test('every field of an input is found by the path that a refusal names', () => {
  expect(boundsAt(trainingForm, ['rank'])).toEqual({ kind: 'integer', min: 1, max: 1024 })
  expect(boundsAt(trainingForm, ['lr'])).toEqual({ kind: 'number', min: 0, above: true })
  expect(boundsAt(trainingForm, ['samples', 'prompts'])).toEqual({ kind: 'list', max: 8 })
  expect(boundsAt(trainingForm, ['samples', 'prompts', 3])).toEqual({ kind: 'text', min: 1, max: 2000 })
  expect(boundsAt(trainingForm, ['nothing'])).toBeUndefined()
})

test('forms of an input that disagree about a field say nothing of it', () => {
  const either = z.union([z.object({ a: z.int().max(3), b: z.string() }), z.object({ a: z.int().max(9) })])
  expect(boundsAt(either, ['a'])).toBeUndefined()
  expect(boundsAt(either, ['b'])).toEqual({ kind: 'text' })
})

test('what a field takes is said without the jargon of schemas', () => {
  const said = ['rank', 'lr', 'captionPolicy', 'flip', 'name'].map((key) => takes(boundsAt(trainingForm, [key]) ?? { kind: 'text' }))
  expect(said).toEqual([
    'a whole number from 1 to 1024',
    'a number above 0',
    'one of error, folder-name, empty',
    'true or false',
    'a text from 1 to 120 characters',
  ])
})
