// Written by build/write-indexes.ts; do not edit. One source of noise a file.
export const noiseSourceNames = ['a1111-cpu', 'a1111-gpu', 'comfyui', 'comfyui-cpu', 'diffusers', 'pigment'] as const
