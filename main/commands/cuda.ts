import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { CudaState } from '../../engine/requests/cuda.ts'
import { dataFolder } from '../places/places.ts'
import { toolsCommand } from '../studio/command.ts'

export const cuda = toolsCommand({
  summary: 'Say what CUDA needs on this machine and what is missing; install it from a folder, or remove it.',
  order: 6,
  input: z.object({
    from: z.array(z.string().min(1)).default([]).meta({
      description:
        "install from here: the runtime's NuGet package or wheel, NVIDIA's wheels, a folder of them, a CUDA toolkit; can be given several times",
      placeholder: 'PATH',
    }),
    remove: z.boolean().default(false).meta({ description: 'remove what was installed' }),
  }),
  async run(tools, { from, remove }, watching): Promise<CudaState & { freedBytes?: number; passedOver?: unknown }> {
    const data = dataFolder()
    if (remove && from.length > 0) throw new PigmentError('usage', 'Give --from or --remove, not both.')
    if (remove) {
      const { freedBytes, state } = await tools.call('removeCuda', { data }, watching)
      return { ...state, freedBytes }
    }
    if (from.length === 0) return await tools.call('cudaState', { data }, watching)
    const { passedOver, state } = await tools.call('installCuda', { data, from }, { ...watching, patience: 30 * 60_000 })
    return { ...state, ...(passedOver.length > 0 ? { passedOver } : {}) }
  },
})
