import { join } from 'node:path'
import { z } from 'zod'
import { boundRuntime } from '../../../engine/cuda/bound.ts'
import { cudaFolder } from '../../../engine/cuda/installation.ts'
import type { CudaState } from '../../../engine/requests/cuda.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { task } from '../../api/shapes.ts'
import { fetchCuda, offerCuda } from '../../fetching/cuda/fetch-cuda.ts'
import { hostCommand } from '../../studio/command.ts'

/** Throws `licence-not-accepted` with what is offered, and what the network has against it; what is here already stays. */
export const fetch = hostCommand({
  summary: "Fetch and install what CUDA lacks here: the runtime's provider and NVIDIA's libraries.",
  order: 6.1,
  input: z.strictObject({
    accept: z.boolean().default(false).meta({ description: 'the licences that were shown are accepted' }),
    task,
  }),
  run: ({ fetching, tools, engine, devices, places, tasks }, { accept, task }): Promise<CudaState> =>
    tasks.run(task, async ({ signal, progress }) => {
      const data = places.root
      const state = (): Promise<CudaState> => tools.call('cudaState', { data })
      const given = { bound: boundRuntime(), network: fetching.network, signal, state }
      if (!accept) throw refused(await offerCuda(given))
      const made = await fetchCuda({
        ...given,
        folder: join(cudaFolder(data), 'fetching'),
        progress: (done, total, what) => progress(done, total ?? 0, what),
        install: async (from) => {
          const onEvent = ({ done, total, stage }: { done: number; total: number; stage: string }): void => progress(done, total, stage)
          return (await tools.call('installCuda', { data, from: [from] }, { signal, patience: 30 * 60_000, onEvent })).state
        },
      })
      engine.renew()
      devices.forget()
      return made
    }),
})

const refused = ({ packages, bytes }: Awaited<ReturnType<typeof offerCuda>>): PigmentError => {
  const licences = packages.map(({ title, licence, link }) => `${title}: ${licence} (${link})`).join('; ')
  return new PigmentError(
    'cuda-licence',
    `Nothing was fetched. Give --accept if you accept the licences: ${licences || 'nothing is missing'}.`,
    {
      licences,
      packages,
      bytes,
    },
  )
}
