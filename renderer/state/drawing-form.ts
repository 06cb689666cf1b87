// What a picture is asked for by, as the screen holds it, and how it is remembered from one opening of the page to the next.
import { recordIn } from './record-in.ts'
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import type { ConditionOptions } from '../../engine/requests/generate.ts'
import type { ConditionCard, GenerateForm, StackEntry } from '../../main/api/methods/generate.ts'

export interface DrawingForm {
  prompt: string
  negative: string
  width: number
  height: number
  steps: number
  cfg: number
  adapterGuidance: number
  guidanceStop: number
  sampler: string
  /** Those of its own options that are not at their defaults. */
  samplerOptions: OwnOptions
  /** Options of all conditions; those of one whose picture is taken away wait for another. */
  conditions: ConditionOptions
  emphasis: 'a1111' | 'comfyui' | 'none'
  seed: number
  /** Undefined: the embedded one. */
  model: string | undefined
  /** Each with its own mute. */
  stack: StackEntry[]
  /** The adapter that sounds alone for now, whatever is muted. */
  solo: string | undefined
}

export const freshForm = (): DrawingForm => ({
  prompt: '',
  negative: '',
  width: 64,
  height: 64,
  steps: 20,
  cfg: 5,
  adapterGuidance: 0,
  guidanceStop: 1,
  sampler: 'ddim',
  samplerOptions: {},
  conditions: {},
  emphasis: 'a1111',
  seed: 0,
  model: undefined,
  stack: [],
  solo: undefined,
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
    /** Of the chosen sampler; not given until it is known what it takes. */
    readonly samplerOptions?: ReadonlySet<string>
    readonly conditions?: readonly ConditionCard[] | undefined
  },
): GenerateForm {
  const { solo: _solo, model, stack, samplerOptions, conditions, ...rest } = form
  const options = Object.entries(samplerOptions).filter(([name]) => known.samplerOptions?.has(name) ?? true)
  const drawnFrom = Object.entries(conditions).filter(([name]) => inForce(name, conditions, known.conditions))
  const there = stack.filter(({ adapter }) => known.adapters.has(adapter))
  return {
    ...rest,
    ...(options.length > 0 ? { samplerOptions: Object.fromEntries(options) } : {}),
    ...(drawnFrom.length > 0 ? { conditions: Object.fromEntries(drawnFrom) } : {}),
    stack: there.map((entry) => ({ ...entry, enabled: sounds({ stack: there, solo: form.solo }, entry) })),
    ...(model !== undefined && known.models.has(model) ? { model } : {}),
  }
}

/** Whether an option's condition is in force; until it is known which there are, all count. */
const inForce = (option: string, given: ConditionOptions, cards: readonly ConditionCard[] | undefined): boolean =>
  cards?.some(({ by, options }) => given[by] !== undefined && options.some(({ key }) => key === option)) ?? true

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
    if (key === 'stack') return Array.isArray(value) && value.every(isEntry)
    if (key === 'samplerOptions' || key === 'conditions') return areOptions(value)
    if (key === 'emphasis') return ['a1111', 'comfyui', 'none'].includes(String(value))
    return key in fresh && typeof value === typeof fresh[key as keyof Form]
  })
  return Object.fromEntries(fitting) as Partial<Form>
}

const areOptions = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value as Readonly<Record<string, unknown>>).every((one) => ['number', 'boolean', 'string'].includes(typeof one))

const isEntry = (value: unknown): value is StackEntry => {
  const { adapter, weight, enabled } = (value ?? {}) as Partial<Record<keyof StackEntry, unknown>>
  return typeof adapter === 'string' && typeof weight === 'number' && typeof enabled === 'boolean'
}
