// Which conditions a request has, with their options checked, and what they bring together.
import type { z } from 'zod'
import { PigmentError } from '../requests/error.ts'
import { fieldsOf, takes, type FieldDescription } from '../requests/fields.ts'
import type { ConditionOptions, GenerateRequest } from '../requests/generate.ts'
import type { Size } from '../images/model-range.ts'
import type { Frame } from '../sessions/frame.ts'
import type { Model } from '../sessions/open-model.ts'
import { chosenSampling } from '../samplers/sampler-options.ts'
import type { Again, Condition, Prepared, RunAsked, StepPlan } from './condition.ts'
import { conditions } from './index.ts'

interface Chosen {
  readonly condition: Condition
  readonly options: Readonly<Record<string, unknown>>
}
type Asked = Pick<GenerateRequest, 'steps' | 'conditions'>

const conditionOf = (option: string): Condition | undefined => conditions.find(({ options }) => Object.hasOwn(options.shape, option))

/** The conditions in force. Throws `condition-option-unknown`, `condition-option-invalid`, `condition-incomplete`. */
export function chosenConditions(given: ConditionOptions = {}): Chosen[] {
  for (const [name, value] of Object.entries(given)) checkOption(name, value, given)
  return conditions
    .filter(({ by }) => given[by] !== undefined)
    .map((condition) => ({ condition, options: condition.options.parse(own(condition, given)) }))
}

const own = ({ options }: Condition, given: ConditionOptions): ConditionOptions =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(options.shape, name)))

function checkOption(name: string, value: unknown, given: ConditionOptions): void {
  const condition = conditionOf(name)
  const names = conditions.flatMap(({ options }) => Object.keys(options.shape))
  if (!condition)
    throw new PigmentError(
      'condition-option-unknown',
      `A picture has no condition with an option "${name}". There are: ${names.join(', ')}.`,
      { option: name, names },
    )
  const needs = [condition.by, condition.over?.by].find((by) => by !== undefined && given[by] === undefined)
  if (needs !== undefined)
    throw new PigmentError('condition-incomplete', `"${name}" does nothing without "${needs}". Give both, or leave both out.`, {
      option: name,
      needs,
    })
  const field = condition.options.shape[name] as z.ZodType
  refuseBeside(condition, given)
  if (field.safeParse(value).success) {
    if (value !== '') condition.checks?.[name]?.(String(value))
    return
  }
  const bounds = fieldsOf(condition.options).find(({ key }) => key === name) as FieldDescription
  throw new PigmentError('condition-option-invalid', `The option "${name}" takes ${takes(bounds)}, got ${JSON.stringify(value)}.`, {
    option: name,
    got: String(value),
    takes: takes(bounds),
  })
}

function refuseBeside({ by, excludes }: Condition, given: ConditionOptions): void {
  if (!excludes || given[excludes.by] === undefined) return
  throw new PigmentError('condition-excludes', `"${by}" does not go with "${excludes.by}". Leave one of them out.`, {
    option: by,
    other: excludes.by,
  })
}

/** The steps of a request's runs. Throws those of `chosenConditions`, and what a condition throws that leaves none. */
export function stepPlan({ steps, conditions: given }: Asked): StepPlan {
  for (const { condition, options } of chosenConditions(given)) {
    const plan = condition.plan?.(options, steps)
    if (plan) return plan
  }
  return { steps, first: 0 }
}

/** How many steps are taken. */
export function stepsTaken(request: Asked): number {
  const { steps, first } = stepPlan(request)
  const further = chosenConditions(request.conditions).map(({ condition, options }) => condition.further?.(options, request.steps) ?? 0)
  return further.reduce((sum, more) => sum + more, steps - first)
}

/** The size of the last run of a picture, of cells of so many pixels. */
export const lastSize = (size: Size, given: ConditionOptions | undefined, cell: number): Size =>
  chosenConditions(given).reduce((before, { condition, options }) => condition.grows?.(options, before, cell) ?? before, size)

/** What a further run is asked otherwise than the first; `prompt`: in place of every picture's own. */
export function furtherAsked(asked: RunAsked, given: ConditionOptions | undefined): Partial<RunAsked> & { readonly prompt?: string } {
  return chosenConditions(given).reduce<ReturnType<typeof furtherAsked>>(
    (all, { condition, options }) => ({ ...all, ...condition.asks?.(options, asked) }),
    {},
  )
}

/** All texts that are encoded for it. */
export const promptsAsked = ({
  prompt,
  negative,
  conditions: given = {},
}: Pick<GenerateRequest, 'prompt' | 'negative' | 'conditions'>): string[] => [
  prompt,
  negative,
  ...Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' && conditionOf(name)?.prompts?.includes(name) ? value : [],
  ),
]

/** Throws what `chosenSampling` throws, for all runs of a picture. */
export function checkSampling(asked: Omit<RunAsked, 'cfg' | 'negative'>, given: ConditionOptions | undefined): void {
  chosenSampling(asked)
  chosenSampling({ ...asked, ...furtherAsked({ cfg: 1, negative: '', ...asked }, given) })
}

export interface Brought extends Required<Pick<Prepared, 'wrap' | 'clean' | 'finish'>> {
  readonly start?: (noise: Float32Array) => Float32Array
  readonly beside?: Float32Array | undefined
  readonly again?: Again
}

/** What all of them bring: the first start, every wrap, one around the other, and every finish. One that stands over another prepares in its place. */
export async function prepareConditions(model: Model, given: ConditionOptions | undefined, frame: Frame): Promise<Brought> {
  const chosen = chosenConditions(given)
  const replaced = new Set(chosen.map(({ condition }) => condition.over))
  const prepared: Prepared[] = []
  for (const { condition, options } of chosen)
    if (!replaced.has(condition)) prepared.push(await condition.prepare(model, options, frame, given ?? {}))
  const start = prepared.find((one) => one.start)?.start
  const further = prepared.find(({ again }) => again)
  return {
    ...(start ? { start: typeof start === 'function' ? start : () => start } : {}),
    beside: prepared.find(({ beside }) => beside)?.beside,
    ...(further?.again ? { again: further.again } : {}),
    wrap: (inner) => prepared.reduce((wrapped, { wrap }) => wrap?.(wrapped) ?? wrapped, inner),
    clean: (denoised) => prepared.reduce((kept, { clean }) => clean?.(kept) ?? kept, denoised),
    async finish(drawn) {
      let picture = drawn
      for (const { finish } of prepared) picture = (await finish?.(picture)) ?? picture
      return picture
    },
  }
}

/** Those of a further run: without what asks for it. */
export const conditionsAgain = (given: ConditionOptions = {}): ConditionOptions =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !conditionOf(name)?.further))

/** The options of the conditions in force, for a settings line of a picture that is `asked` for. */
export function conditionsWritten(given: ConditionOptions | undefined, asked?: RunAsked): [written: string, value: string][] {
  return chosenConditions(given).flatMap(({ condition, options }) => {
    const otherwise = (asked && condition.written?.(options, asked)) ?? {}
    return fieldsOf(condition.options).flatMap(({ key, written, quiet, spelt, default: usual }) => {
      const value = otherwise[key] ?? (options[key] as string | number | boolean | undefined)
      const told = written && value !== undefined && value !== '' && !(quiet && value === usual)
      return told ? [[written, spelt?.[String(value)] ?? String(value)] as [string, string]] : []
    })
  })
}
