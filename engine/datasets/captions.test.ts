import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import { captionVaries, plainCaption, shownCaption, type CaptionOptions } from './captions.ts'
import { tagFrequency } from './tags.ts'

const random = randomStream(1, 'captions', 0)
const shown = (caption: string, options: CaptionOptions, step = 0): string => shownCaption(caption, options, random, step)
const sorted = (text: string): string[] => text.split(', ').sort()

test('prefix and suffix surround a caption, and hold the trigger word', () => {
  expect(shown('a, b', { captionPrefix: 'art of', captionSuffix: 'end' })).toBe('art of a, b end')
  expect(plainCaption('a, b', { captionPrefix: '[trigger] style,', trigger: 'sks' })).toBe('sks style, a, b')
  expect(plainCaption('x ||| a, b;;c', { keepTokensSeparator: '|||', secondarySeparator: ';;' })).toBe('x, a, b,c')
})

test('shuffling keeps the first tags and loses none', () => {
  const text = shown('x, y, a, b, c, d, e, f', { shuffleCaption: true, keepTokens: 2 })
  expect(text).toMatch(/^x, y, /)
  expect(text).not.toBe('x, y, a, b, c, d, e, f')
  expect(sorted(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'x', 'y'])
  expect(shown('x, y, a, b, c, d, e, f', { shuffleCaption: true, keepTokens: 2 })).toBe(text)
})

test('separators fix both ends and hold tags together', () => {
  const options = { shuffleCaption: true, keepTokensSeparator: '|||', secondarySeparator: ';;;' }
  const text = shown('x ||| a, b;;;c, d ||| z', options)
  expect(text).toMatch(/^x, .*, z$/)
  expect(text).toContain('b,c')
})

test('tags drop out at their rate, kept ones never', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `t${i}`).join(', ')
  const tags = shown(many, { captionTagDropout: 0.4, keepTokens: 1 }).split(', ')
  expect(tags[0]).toBe('t0')
  expect(tags.length / 1000).toBeCloseTo(0.6, 1)
})

test('tags come in one by one, as in sd-scripts: floor(step · (n − min) / steps) + min of those that may move', () => {
  const at = (step: number): string => shown('x, a, b, c, d, e', { tokenWarmupSteps: 8, tokenWarmupMin: 2, keepTokens: 1 }, step)
  expect([0, 3, 7, 8, 900].map(at)).toEqual(['x, a, b', 'x, a, b, c', 'x, a, b, c, d', 'x, a, b, c, d, e', 'x, a, b, c, d, e'])
  expect(shown('a', { tokenWarmupSteps: 8, tokenWarmupMin: 3 })).toBe('a')
})

test('what leaves every caption as it is needs no encoder at hand', () => {
  expect(captionVaries({ captionPrefix: 'a', keepTokens: 2, secondarySeparator: ';' })).toBe(false)
  for (const one of [{ shuffleCaption: true }, { captionTagDropout: 0.1 }, { tokenWarmupSteps: 3 }]) expect(captionVaries(one)).toBe(true)
})

test('tags are counted by folder, whatever they are called', () => {
  const captions = [
    { folder: '10_moss', caption: 'Moss,  green , ,moss' },
    { folder: '10_moss', caption: 'green' },
    { folder: '__proto__', caption: 'constructor, __proto__' },
  ]
  expect(JSON.stringify(tagFrequency(captions))).toBe('{"10_moss":{"moss":2,"green":2},"__proto__":{"constructor":1,"__proto__":1}}')
})
