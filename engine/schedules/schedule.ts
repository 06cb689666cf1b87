import type { z } from 'zod'
import type { AskedGrid, Level, NoiseProcess } from '../processes/process.ts'

/** The noise levels of a run: from which to which each of its steps goes. */
export interface Grid {
  readonly steps: readonly { readonly at: Level; readonly next: Level }[]
  /** Whether noise alone begins as pure noise whatever the first level, as in diffusers, in place of noise of that level over a picture of zeros. */
  readonly pure: boolean
  /** How a level between those of the grid is told to the network, where that is not the timestep that has it. */
  readonly between?: (sigma: number) => Level
}

/** By what a sampler goes: strides of whole training timesteps, as DDIM's formula has them, or any noise levels. */
export type GridKind = 'strides' | 'sigmas'

/** A way to space noise levels. */
export interface Schedule<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** A1111's `Schedule type`, which galleries read; a function where it depends on what the checkpoint asks for. None where A1111 has no word for it. */
  readonly written?: string | ((asked: Pick<AskedGrid, 'karrasSigmas'>) => string)
  /** Names that other programs give to it; letter case, blanks and signs between words do not count. */
  readonly aliases: readonly string[]
  readonly kind: GridKind
  /** What it can be told beside; every field as a sampler's (see `Sampler`). */
  readonly options?: Options
  /** What it stands for, where that is another: by the sampler's own, and by what A1111 takes for it. */
  stands?(own: Schedule, automatic: Schedule | undefined): Schedule
  /** As many steps as are asked for, unless the schedule says otherwise. Throws `steps-invalid`. */
  grid(process: NoiseProcess, steps: number, options: z.output<Options>): Grid
}

/** Each step ends where the next begins, and the last without noise. */
export function falling(process: NoiseProcess, levels: readonly Level[], pure: boolean): Grid {
  const clean = process.level(0)
  return { steps: levels.map((at, i) => ({ at, next: levels[i + 1] ?? clean })), pure }
}

/** Its `Schedule type` on a checkpoint that asks for this; where none is named, on one that asks for nothing. */
export const scheduleTypeOf = ({ written }: Schedule, asked: Pick<AskedGrid, 'karrasSigmas'> = {}): string | undefined =>
  typeof written === 'function' ? written(asked) : written
