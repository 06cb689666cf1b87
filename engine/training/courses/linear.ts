import type { Course } from './course.ts'

export const linear: Course = {
  name: 'linear',
  factor: (step, { totalSteps, warmupSteps }) => Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)),
}
