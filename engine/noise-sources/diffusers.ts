// diffusers with a generator of the CPU, as its pages have it: one stream for everything. Its multistep solvers of stochastic equations draw from
// that too, and follow no path. Source: huggingface/diffusers, utils/torch_utils.py (randn_tensor).
import type { NoiseSource } from './noise-source.ts'
import { torchCpu } from './torch-cpu.ts'

export const diffusers: NoiseSource = {
  name: 'diffusers',
  title: 'diffusers',
  sentence: 'PyTorch’s Mersenne Twister, one stream for the start and all steps: diffusers and InvokeAI with a generator of the CPU.',
  programs: ['InvokeAI'],
  start: (seed, count) => torchCpu(seed)(count),
  steps(seed, count, delta) {
    const next = torchCpu(seed + delta)
    if (delta === 0) next(count)
    return () => next(count)
  },
}
