import { boundRuntime } from '../../../engine/cuda/bound.ts'
import { none } from '../../api/shapes.ts'
import { offerCuda } from '../../fetching/cuda/fetch-cuda.ts'
import { hostCommand } from '../../studio/command.ts'

/** Asks the network for what is missing: sizes and licences. Nothing is fetched. */
export const offer = hostCommand({
  input: none,
  run: ({ fetching, tools, places }) =>
    offerCuda({
      bound: boundRuntime(),
      network: fetching.network,
      signal: AbortSignal.timeout(120_000),
      state: () => tools.call('cudaState', { data: places.root }),
    }),
})
