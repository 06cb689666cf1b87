import { expect, test } from 'vitest'
import { frequencies } from './sinusoid.ts'

// torch.exp(-math.log(10000) * torch.arange(0, 16, dtype=torch.float32) / 16)
const torch = [
  1.0, 0.562341332, 0.316227764, 0.177827939, 0.099999994, 0.056234125, 0.0316227749, 0.0177827943, 0.00999999978, 0.00562341232,
  0.0031622767, 0.00177827943, 0.000999999931, 0.000562341185, 0.000316227815, 0.00017782794,
]

test('the frequencies of a timestep are those of the reference to the last bit', () => {
  expect(frequencies(torch.length)).toEqual(Float32Array.from(torch))
})
