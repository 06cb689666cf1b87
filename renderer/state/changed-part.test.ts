import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedPart } from './changed-part.ts'

test('only the words that differ stand out', () => {
  expect(changedPart('red fox, snow', 'red wolf, snow')).toEqual({ start: 'red ', was: 'fox', is: 'wolf', end: ', snow' })
  expect(changedPart('fox', 'fox, snow')).toEqual({ start: 'fox', was: '', is: ', snow', end: '' })
  expect(changedPart('', 'fox')).toEqual({ start: '', was: '', is: 'fox', end: '' })
  expect(changedPart('a, a', 'a')).toEqual({ start: 'a', was: ', a', is: '', end: '' })
})

test('the parts are the whole texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const { start, was, is, end } = changedPart(before, after)
      expect([start + was + end, start + is + end]).toEqual([before, after])
    }),
  )
})
