import type { ModelMemories } from '../../api/methods/found.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { modelMemories } from '../../studio/model-memories.ts'

/** What the models of the list and the found ones take on this machine, read off their graphs: once for all of one size. */
export const memory = hostCommand({
  input: none,
  run: (studio): Promise<ModelMemories> => modelMemories(studio),
})
