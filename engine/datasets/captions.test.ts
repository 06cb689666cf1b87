import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import { processCaption } from './captions.ts'
import { tagFrequency } from './tags.ts'

const random = randomStream(1, 'captions', 0)
const sorted = (text: string): string[] => text.split(', ').sort()

test('prefix and suffix surround a caption; a dropped one is empty', () => {
  expect(processCaption('a, b', { prefix: 'art of', suffix: 'end' }, random)).toBe('art of a, b end')
  expect(processCaption('a, b', { prefix: 'art of' }, random, true)).toBe('')
})

test('shuffling keeps the first tags and loses none', () => {
  const text = processCaption('x, y, a, b, c, d, e, f', { shuffle: true, keepTokens: 2 }, random)
  expect(text).toMatch(/^x, y, /)
  expect(text).not.toBe('x, y, a, b, c, d, e, f')
  expect(sorted(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'x', 'y'])
  expect(processCaption('x, y, a, b, c, d, e, f', { shuffle: true, keepTokens: 2 }, random)).toBe(text)
})

test('separators fix both ends and hold tags together', () => {
  const options = { shuffle: true, keepTokensSeparator: '|||', secondarySeparator: ';;;' }
  const text = processCaption('x ||| a, b;;;c, d ||| z', options, random)
  expect(text).toMatch(/^x, .*, z$/)
  expect(text).toContain('b,c')
})

test('tags drop out at their rate, kept ones never', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `t${i}`).join(', ')
  const tags = processCaption(many, { tagDropout: 0.4, keepTokens: 1 }, random).split(', ')
  expect(tags[0]).toBe('t0')
  expect(tags.length / 1000).toBeCloseTo(0.6, 1)
})

test('tags are counted by folder, whatever they are called', () => {
  const captions = [
    { folder: '10_moss', caption: 'Moss,  green , ,moss' },
    { folder: '10_moss', caption: 'green' },
    { folder: '__proto__', caption: 'constructor, __proto__' },
  ]
  expect(JSON.stringify(tagFrequency(captions))).toBe('{"10_moss":{"moss":2,"green":2},"__proto__":{"constructor":1,"__proto__":1}}')
})
