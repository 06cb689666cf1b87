import { expect, test } from 'vitest'
import { nearest } from './within.ts'

test('what does not fit becomes the nearest that does', () => {
  const size = { min: '8', max: '4096', step: '8' }
  expect(['70', '4', '-3', '9000', '', 'x', '128'].map((text) => nearest(text, size))).toEqual(['72', '8', '8', '4096', '8', '8', '128'])
  expect(['400', '0', '2.6'].map((text) => nearest(text, { min: '1', max: '100', step: '1' }))).toEqual(['100', '1', '3'])
  // The last whole step below a limit that is none.
  expect(nearest('99', { min: '8', max: '30', step: '8' })).toBe('24')
})

test('finer steps are for the slider: any number between the limits can be typed', () => {
  const weight = { min: '-2', max: '2', step: '0.05' }
  expect(['0.333', '-7', '2.5'].map((text) => nearest(text, weight))).toEqual(['0.333', '-2', '2'])
  expect(['12.4', '-1', ''].map((text) => nearest(text, { min: '0', max: '', step: '' }))).toEqual(['12', '0', '0'])
})
