// ComfyUI on an NVIDIA card: begins with the CPU's noise, and steps draw anew on the card with the same seed; paths are made on the CPU.
// Sources: comfyanonymous/ComfyUI, comfy/sample.py (prepare_noise), comfy/k_diffusion/sampling.py (default_noise_sampler, BatchedBrownianTree).
import type { NoiseSource } from './noise-source.ts'
import { torchCpu } from './torch-cpu.ts'
import { torchCuda } from './torch-cuda.ts'

export const comfyui: NoiseSource = {
  name: 'comfyui',
  title: 'ComfyUI',
  sentence: 'Begins with PyTorch’s noise of the CPU; steps draw anew with that of an NVIDIA card: ComfyUI there.',
  programs: ['ComfyUI', 'SwarmUI'],
  start: (seed, count) => torchCpu(seed)(count),
  steps(seed, count, delta) {
    const next = torchCuda(seed + delta)
    return () => next(count)
  },
  ofPath: (seed, count) => torchCpu(seed)(count),
}
