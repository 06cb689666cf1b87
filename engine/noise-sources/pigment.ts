// Our own: Philox by (seed, purpose, step), in fp64 and rounded once.
import { randomStream } from '../tensor/philox.ts'
import type { NoiseSource } from './noise-source.ts'

export const pigment: NoiseSource = {
  name: 'pigment',
  title: 'Pigment',
  sentence: 'The noise of each step depends on the seed and on the number of the step alone.',
  programs: [],
  start: (seed, count) => randomStream(seed, 'noise', 0).normal(count),
  steps: (seed, count, delta) => (step) => randomStream(seed + delta, 'step', step).normal(count),
  ofPath: (seed, count) => randomStream(seed, 'path', 0).normal(count),
}
