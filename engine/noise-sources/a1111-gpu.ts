// A1111 on an NVIDIA card, or with its option "NV". Sources: A1111 modules/rng.py (ImageRNG), modules/rng_philox.py.
import type { NoiseSource } from './noise-source.ts'
import { torchCuda } from './torch-cuda.ts'

export const a1111Gpu: NoiseSource = {
  name: 'a1111-gpu',
  title: 'A1111, graphics card',
  sentence: 'PyTorch’s Philox of an NVIDIA card, one stream for the start and the steps: A1111 and Forge as they come.',
  programs: ['A1111', 'Forge'],
  start: (seed, count) => torchCuda(seed)(count),
  steps(seed, count, delta) {
    const next = torchCuda(seed + delta)
    if (delta === 0) next(count)
    return () => next(count)
  },
  ofPath: (seed, count) => torchCuda(seed)(count),
}
