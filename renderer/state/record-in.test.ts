import { expect, test } from 'vitest'
import { recordIn, textIn } from './record-in.ts'

test('what is no record any more is an empty one, and what is no text an empty text', () => {
  expect(['', '{', 'null', '7', '[1]'].map(recordIn)).toEqual([{}, {}, {}, {}, {}])
  const record = recordIn('{"author":"A. Painter","licence":7}')
  expect([textIn(record, 'author'), textIn(record, 'licence'), textIn(record, 'none')]).toEqual(['A. Painter', '', ''])
})
