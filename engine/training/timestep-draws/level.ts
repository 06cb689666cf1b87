import type { TimestepRange } from './timestep-draw.ts'

/** The timestep of a level from 0, the cleanest of the range, to 1; rounded, a level may be 1. */
export const timestepAt = (level: number, { from, to }: TimestepRange): number => Math.min(to - 1, from + Math.floor(level * (to - from)))
