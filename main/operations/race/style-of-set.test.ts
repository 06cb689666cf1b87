import { expect, test } from 'vitest'
import { styleOfSet } from './style-of-set.ts'

test('a set is of a shipped style where every caption begins with its phrase', () => {
  expect(styleOfSet(['blackink style emoji of a bell', 'blackink style emoji of a cat'])?.name).toBe('black-ink')
  expect(styleOfSet(['blackink style emoji of a bell', 'a cat'])).toBeUndefined()
  expect(styleOfSet([])).toBeUndefined()
})
