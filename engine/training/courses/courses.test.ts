import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { trainRequest } from '../../requests/train.ts'
import { trainingRules } from '../../training-rules.ts'
import { courseOf } from './course.ts'
import { courses } from './index.ts'

interface Case {
  readonly course: string
  readonly options: Readonly<Record<string, number | string>>
  readonly warmup: number
  readonly steps: number
  readonly factors: readonly number[]
}
const recorded = JSON.parse(readFileSync(new URL('fixtures/courses.json', import.meta.url), 'utf8')) as readonly Case[]
const requestOf = (more: object) => trainRequest.parse({ dataset: '/set', ...more })

test.each(recorded)('$course $options, warm-up $warmup, follows transformers and torch', ({ course, options, warmup, steps, factors }) => {
  const { factor } = courseOf(requestOf({ course, courseOptions: options, warmup, steps }))
  factors.forEach((expected, step) => expect(Math.abs(factor(step) - expected)).toBeLessThan(1e-6))
})

test('every course begins at most at its top and never falls below nothing, also in a run of one step', () => {
  for (const { name } of courses)
    for (const steps of [1, 2, 100]) {
      const { factor } = courseOf(requestOf({ course: name, steps }))
      const all = Array.from({ length: steps }, (_, step) => factor(step))
      expect([name, all.every((one) => one >= 0 && one <= 1 + 1e-12)]).toEqual([name, true])
      expect([name, Math.max(...all) > 0]).toEqual([name, true])
    }
})

test('a course that rises by itself takes no warm-up, and an option of another is refused, before anything loads', () => {
  const told = (more: object): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(requestOf(more))
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(told({ course: 'one-cycle', warmup: 10 })).toEqual(['course-warmup'])
  expect(told({ course: 'cosine', courseOptions: { cycles: 2 } })).toContain('course-option-unknown')
  expect(told({ course: 'polynomial', courseOptions: { power: 0 } })).toContain('course-option-invalid')
  expect(told({ course: 'one-cycle' })).toEqual([])
})
