import type { WatchedFolder } from '../../api/methods/library.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Folders of other programs whose adapters are used where they are. */
export const folders = hostCommand({
  input: none,
  run: ({ library }): readonly WatchedFolder[] => library.folders(),
})
