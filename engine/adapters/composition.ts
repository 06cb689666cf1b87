// How several adapters act together: one rule a file. A rule says which part of its strength each has, by layer and step; text encoders, which are asked
// once, have all of them.
import type { z } from 'zod'
import type { Choice } from '../requests/own-options.ts'
import type { ActiveTerms } from './stack.ts'

/** A run of the network within a run of a sampler. */
export interface StackMoment {
  /** From 0, of the steps that are taken. */
  readonly step: number
  /** From 0, of the runs of a step, whose answers are averaged. Usual: the only one. */
  readonly pass?: number | undefined
}

/** What a rule acts on: a network's terms at full strength, of adapters that are there and not off. */
export interface Composed {
  readonly terms: ActiveTerms
  /** By their places in the stack, in its order. */
  readonly entries: readonly number[]
  /** That are taken. */
  readonly steps: number
}

/** The part of its strength that an entry has in a layer, from 0 to 1. */
export type Share = (entry: number, path: string, moment: StackMoment) => number

export interface Composition<Options extends z.ZodObject = z.ZodObject> extends Choice {
  readonly name: string
  readonly title: string
  readonly sentence: string
  readonly options?: Options
  /** How many adapters it can take. */
  readonly most?: number
  /** Runs of a step for so many adapters. Usual: one. */
  passes?(count: number): number
  shares(composed: Composed, options: z.output<Options>): Share
}
