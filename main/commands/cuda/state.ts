import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** What CUDA needs on this machine, what of it is here, and what is wrong. */
export const state = hostCommand({
  input: none,
  run: ({ tools, places }) => tools.call('cudaState', { data: places.root }),
})
