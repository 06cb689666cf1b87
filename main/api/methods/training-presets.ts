// Presets of one's own: values of options under a name.
import { z } from 'zod'

export const ownPreset = z.strictObject({
  name: z.string().trim().min(1).max(60),
  values: z.record(z.string().max(64), z.unknown()),
  /** What its values were chosen for: `embedded`, or the family of a model; one that was kept before this was told has none. */
  family: z.string().max(64).optional(),
})
export type OwnPreset = z.output<typeof ownPreset>

export const mostPresets = 100
