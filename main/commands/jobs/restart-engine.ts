import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const restartEngine = hostCommand({
  input: none,
  run: ({ engine }): void => engine.kill(),
})
