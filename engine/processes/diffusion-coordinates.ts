// Two ways to write one noisy latent. Variance preserving: αx₀ + sε with α² + s² = 1, what the network sees.
// Variance exploding: x₀ + σε with σ = s/α, in which Euler's step is a straight line.
import type { Prediction } from '../checkpoint/config.ts'
import { combine } from './combine.ts'
import type { Coordinates } from './process.ts'

export const scaledCoordinates = (prediction: Prediction): Coordinates => ({
  noised: (x0, noise, { alpha, s }) => combine([alpha, x0], [s, noise]),
  begun: (noise, { s }, pure) => (pure ? noise.slice() : combine([s, noise])),
  input: (x) => x,
  denoised: (x, output, { alpha, s }) =>
    prediction === 'epsilon' ? combine([1 / alpha, x], [-s / alpha, output]) : combine([alpha, x], [-s, output]),
  answer: (x, denoised, { alpha, s }) =>
    prediction === 'epsilon' ? combine([1 / s, x], [-alpha / s, denoised]) : combine([alpha / s, x], [-1 / s, denoised]),
})

export const straightCoordinates = (prediction: Prediction): Coordinates => ({
  noised: (x0, noise, { sigma }) => combine([1, x0], [sigma, noise]),
  begun: (noise, { sigma }, pure) => combine([pure ? Math.sqrt(sigma * sigma + 1) : sigma, noise]),
  input: (x, { alpha }) => combine([alpha, x]),
  denoised: (x, output, { sigma, alpha, s }) =>
    prediction === 'epsilon' ? combine([1, x], [-sigma, output]) : combine([alpha * alpha, x], [-s, output]),
  answer: (x, denoised, { sigma, alpha, s }) =>
    prediction === 'epsilon' ? combine([1 / sigma, x], [-1 / sigma, denoised]) : combine([(alpha * alpha) / s, x], [-1 / s, denoised]),
})
