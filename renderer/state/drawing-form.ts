// What a picture is asked for by, as the screen holds it, and how it is remembered from one opening of the page to the next.
import { z } from 'zod'
import { generateRequest, type ConditionOptions, type GenerateRequest } from '../../engine/requests/generate.ts'
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import type { ConditionCard, GenerateForm, StackEntry } from '../../main/api/methods/generate.ts'
import { vaeChoice } from '../../engine/requests/vae.ts'
import { strengthCourse } from '../../engine/requests/strength-course.ts'
import { blockWeights } from '../../engine/requests/block-weights.ts'
import { regionText } from '../../engine/requests/regions.ts'
import { givenIn, isDrawMode, type DrawMode } from './draw-from.ts'
import { recordIn } from './record-in.ts'

/** The request by its schema, with what is shown of it filled in, and what stands around it. */
export interface DrawingForm extends GenerateRequest {
  width: number
  height: number
  /** Those of the own options of what is chosen that are not at their defaults. */
  samplerOptions: OwnOptions
  scheduleOptions: OwnOptions
  compositionOptions: OwnOptions
  /** Options of all conditions; those of one whose picture is taken away wait for another. */
  conditions: ConditionOptions
  /** The tab of the canvas: what of the conditions is in force. */
  drawFrom: DrawMode
  /** Undefined: the embedded one. */
  model: string | undefined
  /** Undefined: the model's own. */
  vae: string | undefined
  /** Each with its own mute. */
  stack: StackEntry[]
  /** The adapter that sounds alone for now, whatever is muted. */
  solo: string | undefined
}

/** Those that stand in the bar over the canvas, in its order. */
export const barFields: readonly string[] = ['sampler', 'schedule', 'steps', 'cfg', 'seed']

const unset = Object.fromEntries(Object.keys(generateRequest.shape).map((key) => [key, undefined]))

/** Every key is there; those of options without a default have no value. */
export const freshForm = (): DrawingForm => ({
  ...unset,
  ...generateRequest.parse({ prompt: '' }),
  width: 64,
  height: 64,
  ...emptied(),
  drawFrom: 'text',
  model: undefined,
  vae: undefined,
  solo: undefined,
})

/** What a form that says nothing of it has. */
export const emptied = (): Pick<DrawingForm, 'stack' | 'samplerOptions' | 'scheduleOptions' | 'compositionOptions' | 'conditions'> => ({
  stack: [],
  samplerOptions: {},
  scheduleOptions: {},
  compositionOptions: {},
  conditions: {},
})

type Stacked = Pick<DrawingForm, 'stack' | 'solo'>

/** Whether an adapter of the stack acts: the one that sounds alone, or where there is none each that is not muted. */
export function sounds({ stack, solo }: Stacked, { adapter, enabled }: StackEntry): boolean {
  return stack.some((entry) => entry.adapter === solo) ? adapter === solo : enabled
}

/** What the engine is asked for: only adapters and models that are there, each on or off as it sounds. */
export function requestFrom(
  form: DrawingForm,
  known: {
    readonly adapters: ReadonlySet<string>
    readonly models: ReadonlySet<string>
    /** Of what is chosen; not there until it is known what it takes. */
    readonly own?: Readonly<Record<string, ReadonlySet<string>>>
    readonly conditions?: readonly ConditionCard[] | undefined
  },
): GenerateForm {
  const { solo: _solo, drawFrom, model, stack, samplerOptions, scheduleOptions, compositionOptions, conditions, ...all } = form
  const given = givenIn(drawFrom, conditions, known.conditions ?? [])
  const rest = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as typeof all
  const options = Object.entries({ samplerOptions, scheduleOptions, compositionOptions }).flatMap(([key, given]) => {
    const own = Object.entries(given).filter(([name]) => known.own?.[key]?.has(name) ?? true)
    return own.length > 0 ? [[key, Object.fromEntries(own)] as const] : []
  })
  const drawnFrom = Object.entries(given).filter(([name]) => inForce(name, given, known.conditions))
  const there = stack.filter(({ adapter }) => known.adapters.has(adapter))
  return {
    ...rest,
    ...Object.fromEntries(options),
    ...(drawnFrom.length > 0 ? { conditions: Object.fromEntries(drawnFrom) } : {}),
    stack: there.map((entry) => ({ ...entry, enabled: sounds({ stack: there, solo: form.solo }, entry) })),
    ...(model !== undefined && known.models.has(model) ? { model } : {}),
  }
}

/** Whether a condition can be in force beside what is given. */
export const offered = ({ over, excludes }: ConditionCard, given: ConditionOptions): boolean =>
  (over === undefined || given[over] !== undefined) && (excludes === undefined || given[excludes] === undefined)

/** Whether an option's condition is in force; until it is known which there are, all count. */
const inForce = (option: string, given: ConditionOptions, cards: readonly ConditionCard[] | undefined): boolean =>
  cards?.some((card) => given[card.by] !== undefined && offered(card, given) && card.options.some(({ key }) => key === option)) ?? true

/** How many are drawn, and whether with the same seed again. */
export interface Remembered extends DrawingForm {
  count: number
  keepSeed: boolean
}

/** A form that was written down, perhaps by another version: what does not fit is left to what is here. */
export function rememberedForm<Form extends DrawingForm>(text: string, fresh: Form): Partial<Form> {
  const written = recordIn(text)
  const fitting = Object.entries(written).filter(([key, value]) => {
    if (key === 'model' || key === 'solo') return typeof value === 'string'
    if (key === 'drawFrom') return isDrawMode(value)
    if (key === 'stack') return Array.isArray(value) && value.every(isEntry)
    const field = fields[key]
    return field ? field.safeParse(value).success : key in fresh && typeof value === typeof fresh[key as keyof Form]
  })
  return Object.fromEntries(fitting) as Partial<Form>
}

const fields: Readonly<Record<string, z.ZodType | undefined>> = { ...generateRequest.shape, vae: vaeChoice }

const courseOf = z.object(strengthCourse)

const isEntry = (value: unknown): value is StackEntry => {
  const { adapter, weight, textWeight, blocks, region, enabled, ...course } = (value ?? {}) as Partial<Record<keyof StackEntry, unknown>>
  const strengths = typeof weight === 'number' && ['number', 'undefined'].includes(typeof textWeight)
  return (
    typeof adapter === 'string' &&
    strengths &&
    typeof enabled === 'boolean' &&
    blockWeights.optional().safeParse(blocks).success &&
    regionText.optional().safeParse(region).success &&
    courseOf.safeParse(course).success
  )
}
