import { expect, test } from 'vitest'
import { generateForm, storedForm } from './methods/generate.ts'

test('a form that another version wrote down is read without what this one does not know; one that is asked for is refused', () => {
  const form = generateForm.parse({ prompt: 'a cat' })
  const older = { ...form, negativeWeight: 0.3 }
  expect(storedForm.parse(older)).toEqual(form)
  expect(generateForm.safeParse(older).success).toBe(false)
})
