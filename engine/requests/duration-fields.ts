// How long a training run goes on: so many steps, or so many epochs, or so many minutes.
import { z } from 'zod'
import { PigmentError } from './error.ts'
import type {} from './option.ts'

/** More steps than any run makes: how many a run has whose end is told by a clock. */
export const mostSteps = 1_000_000

export const durationFields = {
  /** sd-scripts `max_train_epochs`, OneTrainer `epochs`. */
  epochs: z.int().min(1).max(100_000).optional().meta({
    description:
      'in place of steps: how often the whole set is seen; in an epoch each picture of every set is seen as often as its repeats say, whatever its weight',
    placeholder: 'N',
    fallback: 'as many as the steps make',
    group: 'course',
    level: 'basic',
    step: 1,
  }),
  minutes: z.number().positive().max(100_000).optional().meta({
    description:
      'in place of steps: ends with the first step after so many minutes of steps, those before a stop counted; preparing, measuring and samples come on top. It takes a course that needs no length: constant, or inverse-sqrt',
    placeholder: 'N',
    fallback: 'as long as the steps take',
    group: 'course',
    level: 'basic',
    step: 5,
  }),
}

type Duration = { readonly [Name in 'steps' | 'epochs' | 'minutes']?: number | undefined }
const names = ['steps', 'epochs', 'minutes'] as const

/** Where a request says it in two ways. Throws `duration-twice`. */
export function refuseTwoDurations(given: Duration): void {
  const told = names.filter((name) => given[name] !== undefined)
  if (told.length < 2) return
  const flags = told.map((name) => `--${name} ${given[name]}`)
  const sentence = `${flags.join(' and ')} both say how long to train. Give one of them: --steps, --epochs or --minutes.`
  throw new PigmentError('duration-twice', sentence, { fields: told.join(', ') })
}

/** A request says one of them; another that it is filled with from elsewhere gives way to it. */
export function besideDuration<T extends object>(filling: T, given: Duration): T {
  if (names.every((name) => given[name] === undefined)) return filling
  return Object.fromEntries(Object.entries(filling).filter(([key]) => !(names as readonly string[]).includes(key))) as T
}

/** A form always has steps: where it says epochs or minutes, those count, and a recipe of it says no steps. */
export function oneDuration<T extends Duration>(values: T): T {
  if (values.epochs === undefined && values.minutes === undefined) return values
  const { steps: _steps, ...others } = values
  return others as T
}
