import { expect, test } from 'vitest'
import { fromRuns, runsOf } from './mask-runs.ts'

test('a mask becomes runs and comes back, whatever it begins and ends with', () => {
  expect(runsOf([0, 0, 255, 255, 255, 0])).toEqual([2, 3, 1])
  expect(runsOf([200, 127, 128])).toEqual([0, 1, 1, 1])
  for (const mask of [[], [0], [255], [255, 0, 255], [0, 255, 255, 0]]) expect([...fromRuns(runsOf(mask), mask.length)]).toEqual(mask)
  // Runs of another size neither overflow nor leave holes.
  expect([...fromRuns([1, 9], 3)]).toEqual([0, 255, 255])
  expect([...fromRuns([1, 1], 4)]).toEqual([0, 255, 0, 0])
})
