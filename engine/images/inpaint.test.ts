import { expect, test } from 'vitest'
import { filledUnder, maskedPart, roomAround } from './inpaint.ts'

const within = { width: 100, height: 60 }
// The shape of what is drawn, as far as the picture goes: about the middle, and at its end towards the other side.
test.each([
  [{ left: 40, top: 20, width: 10, height: 10 }, { width: 1, height: 1 }, 5, { left: 35, top: 15, width: 20, height: 20 }],
  [{ left: 40, top: 20, width: 20, height: 10 }, { width: 1, height: 1 }, 0, { left: 40, top: 15, width: 20, height: 20 }],
  [{ left: 0, top: 0, width: 10, height: 20 }, { width: 2, height: 1 }, 0, { left: 0, top: 0, width: 40, height: 20 }],
  [{ left: 95, top: 50, width: 5, height: 10 }, { width: 1, height: 1 }, 8, { left: 82, top: 42, width: 18, height: 18 }],
  [{ left: 0, top: 0, width: 100, height: 10 }, { width: 1, height: 1 }, 0, { left: 0, top: 0, width: 100, height: 60 }],
])('room around %j for the shape %j, padding %d', (part, like, padding, expected) => {
  expect(roomAround(part, { padding, like, within })).toEqual(expected)
})

test('what is masked at all', () => {
  const data = new Uint8Array(12)
  data[5] = 1
  data[10] = 200
  expect(maskedPart({ width: 4, height: 3, data })).toEqual({ left: 1, top: 1, width: 2, height: 2 })
  expect(maskedPart({ width: 4, height: 3, data: new Uint8Array(12) })).toBeUndefined()
})

test('colours of what surrounds a mask run into it, and nothing of what is under it', async () => {
  const [width, height] = [48, 16]
  const side = (i: number): number => Math.floor((i % width) / 16)
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => {
    const [i, c] = [Math.floor(k / 3), k % 3]
    return side(i) === 0 ? (c === 0 ? 200 : 0) : side(i) === 1 ? 255 : c === 2 ? 200 : 0
  })
  const mask = { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => (side(i) === 1 ? 255 : 0)) }
  const filled = await filledUnder({ width, height, data }, mask)
  const pixel = (x: number): number[] => [...filled.data.subarray(3 * (8 * width + x), 3 * (8 * width + x) + 3)]
  expect(pixel(2)).toEqual([200, 0, 0])
  expect(pixel(45)).toEqual([0, 0, 200])
  const [left = [], right = []] = [pixel(17), pixel(30)]
  expect(left[0]).toBeGreaterThan(left[2] ?? 0)
  expect(right[2]).toBeGreaterThan(right[0] ?? 0)
  // White was under the mask alone.
  for (let x = 16; x < 32; x++) expect(pixel(x)[1]).toBeLessThan(8)
})
