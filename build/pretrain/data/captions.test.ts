import { expect, test } from 'vitest'
import { caption, plainCaption } from './captions.ts'
import { seededRandom } from './random.ts'

const apple = { style: 'twemoji', concept: 'red apple', keywords: ['fruit', 'food', 'tree', 'ripe'] }

test('captions drop their parts at the stated rates and never exceed three keywords', () => {
  const random = seededRandom(1)
  const texts = Array.from({ length: 4000 }, () => caption(apple, random))
  const share = (test: (text: string) => boolean): number => texts.filter(test).length / texts.length
  expect(share((text) => text === '')).toBeCloseTo(0.1, 1)
  expect(share((text) => text.startsWith('emoji of'))).toBeCloseTo(0.9 * 0.15, 1)
  expect(Math.max(...texts.map((text) => text.split(', ').length))).toBe(4)
  expect(new Set(texts.filter((text) => text !== '').map((text) => text.split(',')[0]))).toEqual(
    new Set(['flat simple style emoji of red apple', 'emoji of red apple']),
  )
})

test('the background is said, and evaluation captions leave nothing to chance', () => {
  const texts = Array.from({ length: 20 }, (_, seed) => caption(apple, seededRandom(seed), { background: 'blue' })).filter(
    (text) => text !== '',
  )
  expect(texts.every((text) => text.includes('red apple on blue'))).toBe(true)
  expect(plainCaption({ ...apple, concept: 'woman’s boot: red, high' }, 1)).toBe("flat simple style emoji of woman's boot red high, fruit")
})

test('what was done to a drawing is always said', () => {
  const texts = Array.from({ length: 100 }, (_, seed) => caption(apple, seededRandom(seed), { manner: 'bold outlined' }))
  expect(new Set(texts.map((text) => text.split(',')[0]))).toEqual(
    new Set(['bold outlined flat simple style emoji of red apple', 'bold outlined style emoji of red apple']),
  )
})
