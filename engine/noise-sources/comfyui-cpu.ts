// ComfyUI on a CPU: as on a card, but that steps draw with the seed behind the start's. Sources: as of `comfyui`.
import type { NoiseSource } from './noise-source.ts'
import { torchCpu } from './torch-cpu.ts'

export const comfyuiCpu: NoiseSource = {
  name: 'comfyui-cpu',
  title: 'ComfyUI, CPU',
  sentence: 'As ComfyUI draws without a graphics card: steps take the seed behind the picture’s.',
  programs: [],
  start: (seed, count) => torchCpu(seed)(count),
  steps(seed, count, delta) {
    const next = torchCpu(seed + 1 + delta)
    return () => next(count)
  },
  ofPath: (seed, count) => torchCpu(seed)(count),
}
