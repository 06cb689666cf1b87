import { expect, test } from 'vitest'
import { augmentPicture, backgrounds, drawAugmentation } from './augment.ts'
import { seededRandom } from './random.ts'

const still = { mirror: false, shift: [0, 0], scale: 1 } as const
/** 2 × 2: the left column black and covered, the right one empty. */
const picture = { rgb: Uint8Array.from([0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]), alpha: Uint8Array.from([255, 0, 255, 0]) }
const left = (rgb: Uint8Array): number[] => [...rgb.slice(0, 6)]

test('a picture that nothing is done to stays as it is', () => {
  expect(augmentPicture(picture, still, 2)).toEqual(picture.rgb)
})

test('mirror, shift and background do what they say', () => {
  expect(left(augmentPicture(picture, { ...still, mirror: true }, 2))).toEqual([255, 255, 255, 0, 0, 0])
  expect(left(augmentPicture(picture, { ...still, shift: [1, 0] }, 2))).toEqual([255, 255, 255, 0, 0, 0])
  expect(left(augmentPicture(picture, { ...still, background: 'blue' }, 2))).toEqual([0, 0, 0, ...(backgrounds.blue ?? [])])
})

test('what must not be mirrored is not', () => {
  const random = seededRandom(3)
  expect(Array.from({ length: 200 }, () => drawAugmentation(random, false).mirror).includes(true)).toBe(false)
  expect(Array.from({ length: 200 }, () => drawAugmentation(random, true).mirror).includes(true)).toBe(true)
})
