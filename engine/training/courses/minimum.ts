// What several courses have: where they end, as a share of the learning rate, and how far a step is on the way there.
import { z } from 'zod'
import type { CourseOptions } from './course.ts'

export const minimum = (usual: number) =>
  z.number().min(0).max(1).default(usual).meta({ description: 'where it ends, as a share of the learning rate', step: 0.05 })

/** From 1 to 0 as from 1 to the least. */
export const notBelow = (least: number, factor: number): number => Math.max(0, factor * (1 - least) + least)

/** How far a step lies between the end of the warm-up (0) and that of the run (1). */
export const progressOf = (step: number, { warmupSteps, totalSteps }: CourseOptions): number =>
  (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps)
