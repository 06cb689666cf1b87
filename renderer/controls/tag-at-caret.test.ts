import { expect, test } from 'vitest'
import { tagAtCaret, withTag } from './tag-at-caret.ts'

test('the tag at the caret lies between its commas', () => {
  expect(tagAtCaret('moss, ga, fern', 8)).toEqual({ from: 5, to: 8, begun: 'ga' })
  expect(tagAtCaret('moss', 2)).toEqual({ from: 0, to: 4, begun: 'mo' })
  expect(tagAtCaret(',moss', 0)).toEqual({ from: 0, to: 0, begun: '' })
  expect(tagAtCaret('moss,', 5)).toEqual({ from: 5, to: 5, begun: '' })
  expect(tagAtCaret('苔藓, 绿', 5)).toEqual({ from: 3, to: 5, begun: '绿' })
})

test('a tag is written out where it was begun, and the others stay', () => {
  expect(withTag('mo', 2, 'moss')).toEqual({ text: 'moss', caret: 4 })
  expect(withTag('moss, ga, fern', 8, 'garden')).toEqual({ text: 'moss, garden, fern', caret: 12 })
  expect(withTag('moss,ga', 7, 'garden')).toEqual({ text: 'moss, garden', caret: 12 })
})
