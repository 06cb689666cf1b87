import { ownPreset, type OwnPreset } from '../../api/methods/training-presets.ts'
import { hostCommand } from '../../studio/command.ts'

/** Keeps values under a name, in place of what had it; gives all. Throws `presets-full`. */
export const keepPreset = hostCommand({
  input: ownPreset,
  run: ({ presets }, preset): Promise<readonly OwnPreset[]> => presets.keep(preset),
})
