export interface RateOptions {
  readonly warmupSteps: number
  readonly totalSteps: number
}

type Factor = (step: number, options: RateOptions) => number

/** How the learning rate goes on after its warm-up. */
const courses = {
  constant: () => 1,
  linear: (step, { totalSteps, warmupSteps }) => Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)),
  // Past its end the cosine rises again, as it does in other trainers.
  cosine: (step, { totalSteps, warmupSteps }) =>
    (1 + Math.cos((Math.PI * (step - warmupSteps)) / Math.max(1, totalSteps - warmupSteps))) / 2,
} satisfies Record<string, Factor>

export type RateCourse = keyof typeof courses

/** The factor on the learning rate at `step`, counted from 0. */
export function learningRateFactor(course: RateCourse, step: number, options: RateOptions): number {
  const factor: Factor = courses[course]
  return step < options.warmupSteps ? step / Math.max(1, options.warmupSteps) : factor(step, options)
}
