import type { Level, NoiseProcess } from '../processes/process.ts'

/**
 * The level of the training table where a grid's is one of them: at the end of a schedule without signal its α is 0 and not nearly 0. For samplers
 * whose states are scaled.
 */
export function wholeLevel(process: NoiseProcess, level: Level): Level {
  if (!Number.isInteger(level.timestep) || level.sigma === 0) return level
  const table = process.levelAt(level.timestep)
  return table.sigma === level.sigma ? table : level
}
