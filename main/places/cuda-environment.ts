import { existsSync } from 'node:fs'
import { boundRuntime } from '../../engine/cuda/bound.ts'
import { cudaEnvironment as environmentOf, cudaFolder } from '../../engine/cuda/installation.ts'

/** What a process is told so that it finds CUDA's libraries in the data folder; nothing where they are not there, or are of another runtime. */
export function cudaEnvironment(data: string): Readonly<Record<string, string>> {
  if (!existsSync(cudaFolder(data))) return {}
  try {
    return environmentOf(data, boundRuntime())
  } catch {
    // A runtime that is not there is told by whoever computes with it.
    return {}
  }
}
