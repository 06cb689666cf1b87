// What the libraries of a process that computes read as they are loaded.
import type { Settings } from '../api/methods/settings.ts'
import { cudaEnvironment } from '../places/cuda-environment.ts'

/** NVIDIA's libraries round products to TF32 unless this says no; the Node binding of the runtime has no option for it. */
const withoutTf32 = { NVIDIA_TF32_OVERRIDE: '0' }

export const computeEnvironment = (data: string, { tf32 }: Pick<Settings, 'tf32'>): Readonly<Record<string, string>> => ({
  ...cudaEnvironment(data),
  ...(tf32 ? {} : withoutTf32),
})
