import type { OwnPreset } from '../../api/methods/training-presets.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Those that a person made. */
export const presets = hostCommand({
  input: none,
  run: ({ presets: kept }): readonly OwnPreset[] => kept.list(),
})
