import { expect, test } from 'vitest'
import { generateForm } from '../api/methods/generate.ts'
import type { Library } from '../stores/library.ts'
import { formOfPicture } from './form-of-picture.ts'

const library = { byName: (name: string) => (name === 'Ink' ? { id: 'ink' } : undefined) } as unknown as Pick<Library, 'byName'>
const adaptersHere = [{ id: 'ink' }]

test('what is gone since a picture was drawn is left out and named', () => {
  const stack = ['ink', 'gone'].map((adapter) => ({ adapter, weight: 1, enabled: true }))
  const form = generateForm.parse({ prompt: 'a fox', model: 'big', stack })
  const adapters = [
    { name: 'Ink', weight: 1 },
    { name: 'Gone', weight: 1 },
  ]
  const picture = { form, adapters, model: 'Big model' }
  const { model: _model, ...rest } = form
  expect(formOfPicture(picture, library, { adapters: adaptersHere, models: [] })).toEqual({
    form: { ...rest, stack: stack.slice(0, 1) },
    missing: [
      { kind: 'adapter', name: 'Gone' },
      { kind: 'model', name: 'Big model' },
    ],
    text: '',
  })
  expect(
    formOfPicture({ ...picture, adapters: adapters.slice(0, 1) }, library, { adapters: adaptersHere, models: [{ id: 'big' }] }),
  ).toEqual({
    form: { ...form, stack: stack.slice(0, 1) },
    missing: [],
    text: '',
  })
})
