import type { Starter } from '../../api/methods/fetching.ts'
import { none } from '../../api/shapes.ts'
import { starters as startersOf } from '../../fetching/starters.ts'
import { hostCommand } from '../../studio/command.ts'

/** A short list to begin with; it comes with Pigment, and nobody is asked. */
export const starters = hostCommand({
  input: none,
  run: ({ fetching }): readonly Starter[] => startersOf(fetching.network.hubs.huggingFace),
})
