// How a stack goes over the steps of a run: which part of its strength each entry has at a step.
import { checkCourse, courseFactors, isSteady } from '../requests/strength-course.ts'
import type { ActiveTerms, StackEntry } from './stack.ts'

/** A run of the network within a run of a sampler. */
export interface StackMoment {
  /** From 0, of the steps that are taken. */
  readonly step: number
}

export interface StackCourse {
  /** Of terms at full strength, what acts at a moment. */
  at(terms: ActiveTerms, moment: StackMoment): ActiveTerms
  /** Whether an entry, by its place in the stack, has the same strength in every layer all the time. */
  steady(entry: number): boolean
}

/** Throws `strength-steps` where one that acts is to stop before it starts. */
export function checkCourses(stack: readonly StackEntry[], steps: number): void {
  for (const entry of stack) if (entry.enabled) checkCourse(entry, steps)
}

/** Nothing where no strength changes over the `steps` that are taken. Throws `strength-curve`. */
export function stackCourse(stack: readonly StackEntry[], steps: number): StackCourse | undefined {
  if (stack.every((entry) => !entry.enabled || isSteady(entry))) return undefined
  const factors = stack.map((entry) => (isSteady(entry) ? undefined : courseFactors(entry, steps)))
  return {
    // A schedule may have more steps than were asked for: what is behind the last is as it.
    at: (terms, { step }) => weighed(terms, (entry) => factors[entry]?.[Math.min(step, steps - 1)] ?? 1),
    steady: (entry) => factors[entry] === undefined,
  }
}

/** What has no strength left is not there at all: where it stood the model is itself, bit for bit. */
function weighed(terms: ActiveTerms, factor: (entry: number) => number): ActiveTerms {
  const left = new Map<string, ActiveTerms extends ReadonlyMap<string, infer Active> ? Active : never>()
  for (const [path, active] of terms) {
    const own = active.flatMap((one) => {
      const by = one.entry === undefined ? 1 : factor(one.entry)
      return by === 0 ? [] : [by === 1 ? one : { ...one, weight: one.weight * by }]
    })
    if (own.length > 0) left.set(path, own)
  }
  return left
}
