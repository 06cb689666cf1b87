import { ownPreset, type OwnPreset } from '../../api/methods/training-presets.ts'
import { hostCommand } from '../../studio/command.ts'

/** Gives those that are left. */
export const removePreset = hostCommand({
  input: ownPreset.pick({ name: true }),
  run: ({ presets }, { name }): Promise<readonly OwnPreset[]> => presets.remove(name),
})
