import type { AdapterCard } from '../../api/methods/library.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const list = hostCommand({
  input: none,
  run: ({ library }): Promise<readonly AdapterCard[]> => library.list(),
})
