// Written by build/write-indexes.ts; do not edit. One source of noise a file.
import type { NoiseSource } from './noise-source.ts'
import { a1111Cpu } from './a1111-cpu.ts'
import { a1111Gpu } from './a1111-gpu.ts'
import { comfyui } from './comfyui.ts'
import { comfyuiCpu } from './comfyui-cpu.ts'
import { diffusers } from './diffusers.ts'
import { pigment } from './pigment.ts'

export const noiseSources: readonly NoiseSource[] = [a1111Cpu, a1111Gpu, comfyui, comfyuiCpu, diffusers, pigment]
