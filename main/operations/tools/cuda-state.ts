import { cudaState as lookAtCuda } from '../../../engine/cuda/look.ts'
import { cudaLook } from '../cuda-look.ts'

/** What CUDA needs on this machine, what of it is here, and what is wrong. */
export const cudaState = ({ data }: { data: string }) => lookAtCuda(cudaLook(data))
