import { installCuda as install } from '../../../engine/cuda/install.ts'
import { cudaState } from '../../../engine/cuda/look.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { cudaLook } from '../cuda-look.ts'

interface CudaTask {
  /** The data folder. */
  readonly data: string
  /** Files and folders of packages, or of a toolkit. */
  readonly from: readonly string[]
}
export type CudaProgress = {
  readonly type: 'prepare'
  readonly stage: string
  readonly done: number
  readonly total: number
}

/** Installs CUDA's libraries into the data folder, and says how things are then. */
export async function installCuda({ data, from }: CudaTask, { signal, emit }: OperationContext<CudaProgress>) {
  const look = cudaLook(data)
  const progress = (done: number, total: number): void => emit({ type: 'prepare', stage: 'unpacking', done, total })
  const { files, passedOver } = await install({ ...look, from, signal, progress })
  return { files, passedOver, state: await cudaState(look) }
}
