// One schedule in two programs: how they tell the network of noise levels between two timesteps, and what a run begins with.
import { z } from 'zod'
import type { Level, NoiseProcess } from '../processes/process.ts'
import type { Grid } from './schedule.ts'
import { roundHalfEven } from './timesteps.ts'

export const dialect = z.enum(['a1111', 'comfyui']).default('a1111').meta({
  description:
    'whose: A1111 tells the network fractions of timesteps and begins with noise of the first level; ComfyUI whole ones, and pure noise',
  written: 'Schedule dialect',
})
export type Dialect = z.output<typeof dialect>

/** For schedules that have no other option. */
export const dialectOptions = z.object({ dialect })

/** Steps through noise levels, from each to the next; `sigmas` has one more than there are steps, and the last is where the run ends. */
export function through(process: NoiseProcess, sigmas: readonly number[], as: Dialect): Grid {
  const between = (sigma: number): Level => process.level(sigma, as === 'comfyui' ? roundHalfEven(process.timestepOf(sigma)) : undefined)
  const levels = sigmas.map(between)
  const steps = levels.slice(0, -1).flatMap((at, i) => {
    const next = levels[i + 1]
    return next ? [{ at, next }] : []
  })
  return { steps, pure: as === 'comfyui' && beginsAtTheTop(process, sigmas[0] ?? 0), between }
}

/** As ComfyUI's `max_denoise` has it. */
const beginsAtTheTop = ({ sigmaMax }: NoiseProcess, sigma: number): boolean => sigma >= sigmaMax * (1 - 1e-5)

/** `count` values from one end to the other, both included; of one alone the first. */
export const evenly = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === 0 ? from : i === count - 1 ? to : from + (i / (count - 1)) * (to - from)))
