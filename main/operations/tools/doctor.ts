import { checkProviders } from '../../../engine/runtime/providers.ts'
import { cudaState } from '../../../engine/cuda/look.ts'
import { cudaLook } from '../cuda-look.ts'
import { describeMachine } from '../describe-machine.ts'

/** Which devices compute correctly, what CUDA lacks, and the rest of the machine. `data`: the data folder. */
export async function doctor({ data }: { data: string }) {
  const machine = await describeMachine('.')
  // A runtime that does not load is told in its own field.
  const providers = await checkProviders().catch(() => [])
  return {
    providers,
    cuda: await cudaState(cudaLook(data))
      .then(({ problems, driver, cards }) => ({ driver, cards, problems }))
      .catch(() => null),
    ...machine,
  }
}
