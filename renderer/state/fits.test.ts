import { expect, test } from 'vitest'
import type { Bounds } from '../../engine/requests/bounds.ts'
import { fits } from './fits.ts'

const passing = (bounds: Bounds, values: readonly unknown[]): unknown[] => values.filter((value) => fits(bounds, value))

test('a field takes what its bounds say, their ends too', () => {
  expect(passing({ kind: 'integer', min: 1, max: 1024 }, [-1, 0, 1, 16, 1024, 1025, 1.5, NaN, '8', undefined])).toEqual([1, 16, 1024])
  expect(passing({ kind: 'number', min: 0, above: true }, [-1, 0, 1e-7, 2, Infinity])).toEqual([1e-7, 2])
  expect(passing({ kind: 'number', min: 0, max: 1 }, [-0.1, 0, 1, 1.01])).toEqual([0, 1])
  expect(passing({ kind: 'number', min: 0, max: 1, below: true }, [0, 0.999, 1])).toEqual([0, 0.999])
  expect(passing({ kind: 'choice', choices: ['error', 'empty'] }, ['error', 'nothing', ''])).toEqual(['error'])
  expect(passing({ kind: 'text', min: 1, max: 3 }, ['', 'abc', 'abcd', 3])).toEqual(['abc'])
  expect(passing({ kind: 'list', max: 1 }, [[], ['a'], ['a', 'b']])).toEqual([[], ['a']])
  expect(passing({ kind: 'switch' }, [true, 'true', 1])).toEqual([true])
  // A whole number that a float does not hold exactly is another one on the way.
  expect(passing({ kind: 'integer' }, [2 ** 53 - 1, 2 ** 53])).toEqual([2 ** 53 - 1])
})
