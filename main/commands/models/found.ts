import type { FoundModels } from '../../api/methods/found.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { foundModels } from '../../studio/found-beside.ts'

/** What the last look found of other programs' models; nothing is read now. */
export const found = hostCommand({
  input: none,
  run: (studio): Promise<FoundModels> => foundModels(studio),
})
