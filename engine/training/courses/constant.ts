import type { Course } from './course.ts'

export const constant: Course = {
  name: 'constant',
  sentence: 'The rate stays as it is after the warm-up: choose it where you stop by eye, or with an average of the weights.',
  endless: true,
  factor: () => 1,
}
