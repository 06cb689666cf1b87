import { expect, test } from 'vitest'
import { covered, invert, rectangle, stroke } from './mask-raster.ts'

const raster = (width: number, height: number) => ({ width, height, data: new Uint8Array(width * height) })
const lines = ({ width, data }: ReturnType<typeof raster>): string[] =>
  Array.from({ length: data.length / width }, (_, y) => [...data.subarray(y * width, (y + 1) * width)].map((v) => (v ? '#' : '.')).join(''))

test('a dab is a disc, and a stroke has no gaps however fast the hand was', () => {
  const mask = raster(7, 5)
  expect(stroke(mask, { x: 2.5, y: 2.5 }, { x: 2.5, y: 2.5 }, 1.5, 255)).toEqual({ left: 1, top: 1, width: 3, height: 3 })
  expect(lines(mask)).toEqual(['.......', '.###...', '.###...', '.###...', '.......'])
  const far = raster(9, 3)
  stroke(far, { x: 0.5, y: 1.5 }, { x: 8.5, y: 1.5 }, 0.5, 255)
  expect(lines(far)).toEqual(['.........', '#########', '.........'])
  // Erasing is the same with the other value.
  stroke(far, { x: 4.5, y: 1.5 }, { x: 4.5, y: 1.5 }, 0.5, 0)
  expect(lines(far)[1]).toBe('####.####')
})

test('the smallest brush takes one pixel, and nothing is painted outside the picture', () => {
  const mask = raster(3, 2)
  stroke(mask, { x: 1.2, y: 0.8 }, { x: 1.2, y: 0.8 }, 0.1, 255)
  expect(lines(mask)).toEqual(['.#.', '...'])
  expect(stroke(mask, { x: -50, y: -50 }, { x: -40, y: 90 }, 5, 255)).toMatchObject({ width: 0 })
  stroke(mask, { x: 90, y: 1 }, { x: -90, y: 1 }, 9, 255)
  expect(covered(mask)).toBe(1)
})

test('rectangles by numbers are cut to the picture, and inverting twice is nothing', () => {
  const mask = raster(4, 3)
  expect(rectangle(mask, { left: 2, top: 1, width: 10, height: 1 }, 255)).toEqual({ left: 2, top: 1, width: 2, height: 1 })
  expect(lines(mask)).toEqual(['....', '..##', '....'])
  expect(covered(mask)).toBeCloseTo(1 / 6)
  const before = lines(mask)
  invert(mask)
  expect(lines(mask)).toEqual(['####', '##..', '####'])
  invert(mask)
  expect(lines(mask)).toEqual(before)
})
