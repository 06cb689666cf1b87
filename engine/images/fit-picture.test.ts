import { expect, test } from 'vitest'
import { fitted, maskFitted, within } from './fit-picture.ts'
import type { Picture } from './picture.ts'

/** The column in red, the row in green. */
const picture = (width: number, height: number): Picture => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => {
    const i = Math.floor(k / 3)
    return [i % width, Math.floor(i / width), 7][k % 3] ?? 0
  }),
})

// A1111's `resize_image`: src_w = width if ratio < src_ratio else im.width * height // im.height.
test.each([
  [
    { width: 100, height: 50 },
    { width: 64, height: 64 },
    { width: 64, height: 32 },
  ],
  [
    { width: 50, height: 101 },
    { width: 64, height: 64 },
    { width: 31, height: 64 },
  ],
  [
    { width: 30, height: 20 },
    { width: 96, height: 64 },
    { width: 96, height: 64 },
  ],
])('%o within %o', (of, size, expected) => {
  expect(within(of, size)).toEqual(expected)
})

test('resize and fill keeps the whole picture in the middle and draws its borders out to the sides; the mask comes along', async () => {
  const size = { width: 9, height: 4 }
  const filled = await fitted(picture(4, 4), size, 'fill')
  const row = (y: number) => Array.from({ length: 9 }, (_, x) => filled.data[(y * 9 + x) * 3])
  // In the middle as A1111 puts it: from 9 // 2 − 4 // 2 on.
  expect(row(0)).toEqual([0, 0, 0, 1, 2, 3, 3, 3, 3])
  expect([filled.width, filled.height, row(3)]).toEqual([9, 4, row(0)])
  const mask = await maskFitted({ width: 4, height: 4, data: Uint8Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? 255 : 0)) }, size, 'fill') // prettier-ignore
  expect([...mask.data.subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 255, 255, 255, 255])
})

test('crop and resize cuts the same from both sides', async () => {
  const { data } = await fitted(picture(8, 4), { width: 4, height: 4 }, 'crop')
  expect(Array.from({ length: 4 }, (_, x) => data[3 * x])).toEqual([2, 3, 4, 5])
})
