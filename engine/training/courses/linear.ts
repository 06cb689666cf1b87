import type { Course } from './course.ts'

export const linear: Course = {
  name: 'linear',
  sentence: 'The rate falls evenly to nothing: like the cosine, with less time at the highest rate.',
  factor: (step, { totalSteps, warmupSteps }) => Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)),
}
