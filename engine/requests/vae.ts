// The VAE that a model is run with, asked for in training and drawing alike.
import { z } from 'zod'
import type {} from './option.ts'

export const vaeChoice = z.string().min(1).max(4096).optional().meta({
  description: "VAE in place of the checkpoint's own: a .safetensors file, a diffusers folder, or a checkpoint that has the one wanted",
  placeholder: 'PATH',
  path: 'vae',
  group: 'machine',
})
