import { expect, test } from 'vitest'
import { fitted, held, moved, pictureSpot, zoomed } from './canvas-view.ts'

const frame = { width: 600, height: 400 }

test('a picture is fitted into its frame, whole and in the middle', () => {
  expect(fitted({ width: 100, height: 100 }, frame)).toEqual({ scale: 4, x: 100, y: 0 })
  expect(fitted({ width: 1200, height: 400 }, frame)).toEqual({ scale: 0.5, x: 0, y: 100 })
  // A frame that is not laid out yet asks for nothing impossible.
  expect(fitted({ width: 100, height: 100 }, { width: 0, height: 0 }).scale).toBeGreaterThan(0)
})

test('zooming keeps the spot under the pointer, within the smallest and the largest', () => {
  const picture = { width: 512, height: 512 }
  const before = { scale: 2, x: -300, y: -200 }
  const at = { x: 120, y: 90 }
  const after = zoomed(before, 1.5, at, picture, frame)
  expect(after.scale).toBe(3)
  expect(pictureSpot(after, at)).toEqual(pictureSpot(before, at))
  expect(zoomed(before, 1e9, at, picture, frame).scale).toBe(64)
  expect(zoomed(before, 1e-9, at, picture, frame).scale).toBe(1 / 16)
})

test('a picture cannot be moved out of its frame, and a small one stands in the middle', () => {
  const picture = { width: 400, height: 100 }
  expect(moved({ scale: 2, x: -10, y: 0 }, 5000, 5000, picture, frame)).toEqual({ scale: 2, x: 48, y: 100 })
  expect(moved({ scale: 2, x: -10, y: 0 }, -5000, 0, picture, frame)).toEqual({ scale: 2, x: -248, y: 100 })
  expect(held({ scale: 1, x: -7, y: 900 }, picture, frame)).toEqual({ scale: 1, x: 100, y: 150 })
})
