import type { Course } from './course.ts'

export const cosine: Course = {
  name: 'cosine',
  sentence: 'The rate falls slowly, then quickly, then gently to nothing: details settle at the end. The usual one.',
  // Past its end the cosine rises again, as it does in other trainers.
  factor: (step, { totalSteps, warmupSteps }) =>
    (1 + Math.cos((Math.PI * (step - warmupSteps)) / Math.max(1, totalSteps - warmupSteps))) / 2,
}
