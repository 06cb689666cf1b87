// A1111 with its option "Random number generator source: CPU". Source: A1111 modules/rng.py (ImageRNG).
import type { NoiseSource } from './noise-source.ts'
import { torchCpu } from './torch-cpu.ts'

export const a1111Cpu: NoiseSource = {
  name: 'a1111-cpu',
  title: 'A1111, CPU',
  sentence: 'PyTorch’s Mersenne Twister, one stream for the start and the steps: A1111 with its random numbers from the CPU, and on a Mac.',
  programs: [],
  start: (seed, count) => torchCpu(seed)(count),
  steps(seed, count, delta) {
    const next = torchCpu(seed + delta)
    if (delta === 0) next(count)
    return () => next(count)
  },
  ofPath: (seed, count) => torchCpu(seed)(count),
}
