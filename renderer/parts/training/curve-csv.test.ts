import { expect, test } from 'vitest'
import { curveCsv } from './curve-csv.ts'

test('a curve as CSV has a line a step under its names, and nothing for what is no number', () => {
  const curve = { step: [1, 2], loss: [0.5, NaN], lr: [1e-7, 2e-4], gradNorm: [1.25, Infinity] }
  expect(curveCsv(curve, [0.5])).toBe('step,loss,loss_smoothed,learning_rate,gradient_norm\r\n1,0.5,0.5,1e-7,1.25\r\n2,,,0.0002,\r\n')
})
