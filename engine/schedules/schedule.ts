import type { Level, NoiseProcess } from '../processes/process.ts'
import type { ScheduleType } from './schedule-types.ts'

/** The noise levels of a run: from which to which each of its steps goes. */
export interface Grid {
  readonly steps: readonly { readonly at: Level; readonly next: Level }[]
  /** Whether noise alone begins as pure noise whatever the first level, as in diffusers, in place of noise of that level over a picture of zeros. */
  readonly pure: boolean
}

/** A way to space noise levels. */
export interface Schedule {
  readonly name: string
  /** Where A1111 has a word for it; `checkpoint`: uniform unless the checkpoint asks for others. */
  readonly type?: ScheduleType | 'checkpoint'
  /** Throws `steps-invalid`. */
  grid(process: NoiseProcess, steps: number): Grid
}

/** Each step ends where the next begins, and the last without noise. */
export function falling(process: NoiseProcess, levels: readonly Level[], pure: boolean): Grid {
  const clean = process.level(0)
  return { steps: levels.map((at, i) => ({ at, next: levels[i + 1] ?? clean })), pure }
}
