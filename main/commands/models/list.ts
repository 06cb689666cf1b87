import type { ModelCard } from '../../api/methods/models.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const list = hostCommand({
  input: none,
  run: ({ models }): Promise<readonly ModelCard[]> => models.list(),
})
