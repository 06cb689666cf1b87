import type { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { courses } from './index.ts'

export interface CourseOptions {
  readonly warmupSteps: number
  readonly totalSteps: number
}

/** How the learning rate goes on after its warm-up. */
export interface Course<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Of its own. */
  readonly options?: O
  /** It rises by itself: a warm-up beside it would be a second one. */
  readonly rises?: true
  /** It does without the length of the run, whose end may be told by a clock. */
  readonly endless?: true
  /** What sd-scripts calls it, where it is not its name. */
  readonly written?: string
  /** The factor on the learning rate at `step`, counted from 0. */
  factor(step: number, options: CourseOptions, own: z.output<O>): number
}

/** The factor on the learning rate at `step`, counted from 0, its warm-up included. */
export function learningRateFactor(name: TrainRequest['course'], step: number, options: CourseOptions, own: object = {}): number {
  // Names and list are written from the same folder.
  const course = courses.find((one) => one.name === name) as Course
  if (!course.rises && step < options.warmupSteps) return step / Math.max(1, options.warmupSteps)
  return course.factor(step, options, course.options?.parse(own) ?? {})
}

type CourseRequest = Pick<TrainRequest, 'course' | 'courseOptions' | 'steps' | 'warmup'> & Partial<Pick<TrainRequest, 'minutes'>>

/** The course of a request. Throws `course-option-unknown`, `course-option-invalid`, `course-warmup`, `course-length`. */
export function courseOf(request: CourseRequest): {
  readonly written: string
  /** At a step, counted from 0. */
  readonly factor: (step: number) => number
} {
  const chosen = chosenOf({ field: 'course', choices: courses, request: trainRequest }, request)
  const { one, options: own } = chosen as NonNullable<typeof chosen>
  const { steps: totalSteps, warmup: warmupSteps } = request
  if (one.rises && warmupSteps > 0)
    throw new PigmentError(
      'course-warmup',
      `The course "${one.name}" rises by itself, and a warm-up of ${warmupSteps} steps was asked for too. Set --warmup to 0, or choose another course.`,
      { course: one.name, warmup: warmupSteps },
    )
  if (request.minutes !== undefined && !one.endless) {
    const open = courses.flatMap(({ name, endless }) => (endless ? name : [])).join(' or ')
    const sentence = `The course "${one.name}" falls towards the end of the run, and --minutes ${request.minutes} does not tell at which step that is. Choose --course ${open}, or give --steps or --epochs.`
    throw new PigmentError('course-length', sentence, { course: one.name, minutes: request.minutes, open })
  }
  return {
    written: one.written ?? one.name,
    factor: (step) => learningRateFactor(request.course, step, { warmupSteps, totalSteps }, own),
  }
}
