import { cudaState } from '../../../engine/cuda/look.ts'
import { removeInstallations } from '../../../engine/cuda/installation.ts'
import { cudaLook } from '../cuda-look.ts'

/** Removes what was installed, and says how things are then. */
export async function removeCuda({ data }: { data: string }) {
  const freedBytes = await removeInstallations(data)
  return { freedBytes, state: await cudaState(cudaLook(data)) }
}
