import { expect, test } from 'vitest'
import { curveName, curveWritten, line, movedTo, percents } from './strength-course.ts'

test('places are shown in percent of the steps, and moved as shares', () => {
  expect(percents({}, 20)).toEqual({ from: 0, to: 100 })
  expect(percents({ start: 5, stop: 0.75 }, 20)).toEqual({ from: 25, to: 75 })
  expect(percents({ start: 30 }, 20)).toEqual({ from: 100, to: 100 })
  expect(movedTo({ from: 0, to: 100 }, 'from', 30)).toEqual({ start: 0.3, stop: undefined })
  expect(movedTo({ from: 0, to: 100 }, 'to', 40)).toEqual({ start: undefined, stop: 0.4 })
  // The other end gives way, and something is left.
  expect(movedTo({ from: 20, to: 50 }, 'from', 60)).toEqual({ start: 0.6, stop: 0.65 })
  expect(movedTo({ from: 50, to: 80 }, 'to', 30)).toEqual({ start: 0.25, stop: 0.3 })
  expect(movedTo({ from: 0, to: 100 }, 'from', 100)).toEqual({ start: 0.95, stop: undefined })
  expect(movedTo({ from: 0, to: 100 }, 'to', 0)).toEqual({ start: undefined, stop: 0.05 })
})

test('a curve has a name or is one’s own, and what cannot be read is none', () => {
  expect([{}, { curve: 'linear' }, { curve: '0@0,1@1' }, { curve: '1@0,0.3@1' }].map(curveName)).toEqual(['steady', 'out', 'in', 'own'])
  expect(curveWritten('0:1, 0.5:0.3')).toEqual({ curve: '1@0,0.3@0.5' })
  expect(curveWritten('constant')).toEqual({ curve: undefined })
  expect(curveWritten('up and down')).toBeUndefined()
})

test('the line has a piece for each step', () => {
  expect(line({ stop: 0.5 }, 2)).toBe('0,1 50,1 50,23 100,23')
  expect(line({ curve: '-1@0' }, 1)).toBe('0,23 100,23')
})
