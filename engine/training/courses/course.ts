import type { TrainRequest } from '../../requests/train.ts'
import { courses } from './index.ts'

export interface CourseOptions {
  readonly warmupSteps: number
  readonly totalSteps: number
}

/** How the learning rate goes on after its warm-up. */
export interface Course {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** The factor on the learning rate at `step`, counted from 0. */
  factor(step: number, options: CourseOptions): number
}

/** The factor on the learning rate at `step`, counted from 0, its warm-up included. */
export function learningRateFactor(name: TrainRequest['course'], step: number, options: CourseOptions): number {
  // Names and list are written from the same folder.
  const course = courses.find((one) => one.name === name) as Course
  return step < options.warmupSteps ? step / Math.max(1, options.warmupSteps) : course.factor(step, options)
}
