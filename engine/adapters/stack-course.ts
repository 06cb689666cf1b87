// How a stack goes over the steps of a run: which part of its strength each entry has at a step, in a layer.
import { PigmentError } from '../requests/error.ts'
import { generateRequest, type GenerateRequest } from '../requests/generate.ts'
import { completeOptions } from '../requests/own-options.ts'
import { checkCourse, courseFactors, isSteady } from '../requests/strength-course.ts'
import type { Composition, Share, StackMoment } from './composition.ts'
import { compositions } from './compositions/index.ts'
import { sum } from './compositions/sum.ts'
import type { ActiveTerms, StackEntry } from './stack.ts'

export interface StackCourse {
  /** Runs of the network in each step, whose answers are averaged. */
  readonly passes: number
  /** Of terms at full strength, what acts at a moment. */
  at(terms: ActiveTerms, moment: StackMoment): ActiveTerms
  /** Whether an entry, by its place in the stack, has the same strength in every layer all the time. */
  steady(entry: number): boolean
}

/** What a request says of its stack as a whole. */
export type Composing = Partial<Pick<GenerateRequest, 'composition' | 'compositionOptions'>>

export const ofComposition = { kind: 'composition', request: generateRequest }

/** The rule that a request names. */
export const compositionOf = ({ composition }: Composing): Composition => compositions.find(({ name }) => name === composition) ?? sum

/**
 * What can be known of a stack before anything runs. Throws `strength-steps` where one that acts is to stop before it starts, `composition-adapters`
 * where the rule does not go with so many, and those of `completeOptions`.
 */
export function checkCourses(stack: readonly StackEntry[], steps: number, composing: Composing = {}): void {
  for (const entry of stack) if (entry.enabled) checkCourse(entry, steps)
  const rule = compositionOf(composing)
  completeOptions(ofComposition, rule, composing.compositionOptions)
  const { length: count } = actingIn(stack)
  if (rule.most === undefined || count <= rule.most) return
  throw new PigmentError(
    'composition-adapters',
    `The composition "${rule.name}" takes ${rule.most} adapters, and ${count} of the stack act on the UNet. Turn ${count - rule.most} off, or choose another.`,
    { composition: rule.name, most: rule.most, count },
  )
}

/** The places of entries that act on the UNet. */
const actingIn = (stack: readonly StackEntry[]): number[] =>
  stack.flatMap(({ enabled, weight }, place) => (enabled && weight !== 0 ? place : []))

/** Nothing where all are summed up and no strength changes over the `steps` that are taken. Throws those of `completeOptions`, `strength-curve`. */
export function stackCourse(stack: readonly StackEntry[], steps: number, composing: Composing = {}): StackCourse | undefined {
  const entries = actingIn(stack)
  // One alone is not composed with anything.
  const rule = entries.length > 1 ? compositionOf(composing) : sum
  if (rule === sum && stack.every((entry) => !entry.enabled || isSteady(entry))) return undefined
  const factors = stack.map((entry) => (isSteady(entry) ? undefined : courseFactors(entry, steps)))
  const options = rule === sum ? {} : completeOptions(ofComposition, rule, composing.compositionOptions)
  const shares = new WeakMap<ActiveTerms, Share>()
  const shareOf = (terms: ActiveTerms): Share => {
    const share = shares.get(terms) ?? rule.shares({ terms, entries, steps }, options)
    shares.set(terms, share)
    return share
  }
  return {
    passes: rule.passes?.(entries.length) ?? 1,
    at(terms, moment) {
      // A schedule may have more steps than were asked for: what is behind the last is as it.
      const at = { ...moment, step: Math.min(moment.step, steps - 1) }
      const share = shareOf(terms)
      return weighed(terms, (entry, path) => (factors[entry]?.[at.step] ?? 1) * share(entry, path, at))
    },
    steady: (entry) => rule === sum && factors[entry] === undefined,
  }
}

/** What has no strength left is not there at all: where it stood the model is itself, bit for bit. */
function weighed(terms: ActiveTerms, factor: (entry: number, path: string) => number): ActiveTerms {
  const left = new Map<string, ActiveTerms extends ReadonlyMap<string, infer Active> ? Active : never>()
  for (const [path, active] of terms) {
    const own = active.flatMap((one) => {
      const by = one.entry === undefined ? 1 : factor(one.entry, path)
      return by === 0 ? [] : [by === 1 ? one : { ...one, weight: one.weight * by }]
    })
    if (own.length > 0) left.set(path, own)
  }
  return left
}
