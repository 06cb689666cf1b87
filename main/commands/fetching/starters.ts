import type { Starter } from '../../api/methods/fetching.ts'
import { none } from '../../api/shapes.ts'
import { starterFamilies, starters as startersOf } from '../../fetching/starters.ts'
import { hostCommand } from '../../studio/command.ts'
import { publishedMemory } from '../../studio/model-memories.ts'

/** A short list to begin with; it comes with Pigment, and nobody is asked. */
export const starters = hostCommand({
  input: none,
  async run({ fetching, tools }): Promise<readonly Starter[]> {
    const memory = await Promise.all(starterFamilies.map(async (family) => [family, await publishedMemory(tools, family)] as const))
    return startersOf(fetching.network.hubs.huggingFace, Object.fromEntries(memory))
  },
})
