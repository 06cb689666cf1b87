import { expect, test } from 'vitest'
import { heldOut } from './held-out.ts'

const ten = Array.from({ length: 10 }, (_, i) => i)

test('the same pictures go apart each time, spread over the set, and nothing is lost', () => {
  expect(heldOut(ten, 0)).toEqual({ trained: ten, apart: [] })
  expect(heldOut(ten, 0.2)).toEqual({ trained: [0, 1, 2, 3, 5, 6, 7, 8], apart: [4, 9] })
  expect(heldOut(ten, 0.01).apart).toEqual([])
  expect(heldOut([1], 1)).toEqual({ trained: [1], apart: [] })
})
