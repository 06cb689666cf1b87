import { expect, test } from 'vitest'
import { keptCount, keptEvery } from './kept-steps.ts'

test('steps are kept where samples are drawn, at most a dozen, and none where none are drawn', () => {
  expect([keptEvery(600, 100), keptEvery(1000, 10), keptEvery(1000, 0), keptEvery(50, 50)]).toEqual([100, 90, undefined, undefined])
  // 100 … 500; 90 … 990.
  expect([keptCount(600, 100), keptCount(1000, 10), keptCount(1000, 0), keptCount(50, 50)]).toEqual([5, 11, 0, 0])
})
