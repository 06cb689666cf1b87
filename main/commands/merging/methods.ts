import type { MergeMethods } from '../../api/methods/merging.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { mergeCards } from '../../studio/merging.ts'

export const methods = hostCommand({
  input: none,
  run: (): MergeMethods => mergeCards,
})
