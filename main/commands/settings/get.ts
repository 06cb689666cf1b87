import type { Settings } from '../../api/methods/settings.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const get = hostCommand({
  input: none,
  run: ({ settings }): Settings => settings.value,
})
