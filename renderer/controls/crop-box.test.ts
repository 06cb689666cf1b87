import fc from 'fast-check'
import { expect, test } from 'vitest'
import { corners, largestBox, movedBox, pulledBox } from './crop-box.ts'

const picture = { width: 300, height: 200 }

test('the largest frame of a shape lies in the middle', () => {
  expect(largestBox(picture)).toEqual({ left: 0, top: 0, width: 300, height: 200 })
  expect(largestBox(picture, 1)).toEqual({ left: 50, top: 0, width: 200, height: 200 })
  expect(largestBox(picture, 3)).toEqual({ left: 0, top: 50, width: 300, height: 100 })
})

test('a frame is moved up to the edge', () => {
  const box = { left: 50, top: 50, width: 100, height: 100 }
  expect(movedBox(box, 10, -20, picture)).toEqual({ ...box, left: 60, top: 30 })
  expect(movedBox(box, 999, 999, picture)).toEqual({ ...box, left: 200, top: 100 })
})

test('a corner is pulled, the one across stays', () => {
  const box = { left: 50, top: 50, width: 100, height: 100 }
  expect(pulledBox(box, { x: -1, y: -1 }, 20, 10, picture)).toEqual({ left: 70, top: 60, width: 80, height: 90 })
  expect(pulledBox(box, { x: 1, y: 1 }, 20, 0, picture, 1)).toEqual({ left: 50, top: 50, width: 120, height: 120 })
  expect(pulledBox(box, { x: 1, y: 1 }, 999, 0, picture, 1)).toEqual({ left: 50, top: 50, width: 150, height: 150 })
  expect(pulledBox(box, { x: 1, y: 1 }, -999, -999, picture)).toEqual({ left: 50, top: 50, width: 8, height: 8 })
})

test('whatever is done to it, a frame lies in its picture', () => {
  const pull = fc.record({
    corner: fc.option(fc.constantFrom(...corners)),
    dx: fc.integer({ min: -400, max: 400 }),
    dy: fc.integer({ min: -400, max: 400 }),
    shape: fc.option(fc.double({ min: 0.3, max: 3, noNaN: true }), { nil: undefined }),
  })
  const size = fc.record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 300 }) })
  fc.assert(
    fc.property(size, fc.array(pull, { maxLength: 8 }), (whole, pulls) => {
      let box = largestBox(whole)
      for (const { corner, dx, dy, shape } of pulls) {
        box = corner ? pulledBox(box, corner, dx, dy, whole, shape) : movedBox(box, dx, dy, whole)
        expect([box.left, box.top].every((at) => Number.isInteger(at) && at >= 0)).toBe(true)
        expect(box.width >= 1 && box.height >= 1).toBe(true)
        expect(box.left + box.width <= whole.width && box.top + box.height <= whole.height).toBe(true)
      }
    }),
  )
})
