import { boundRuntime } from '../../engine/cuda/bound.ts'
import type { Look } from '../../engine/cuda/look.ts'
import { surroundings } from '../../engine/cuda/surroundings.ts'

/** This machine, this program's runtime, and the data folder given. */
export const cudaLook = (data: string): Look => ({ data, bound: boundRuntime(), around: surroundings() })
