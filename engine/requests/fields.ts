// The fields of a schema: what each takes and what is said of it. The one reader of schemas; help, forms, grids, pictures and refusals ask it.
import { z } from 'zod'
import type { Bounds } from './bounds.ts'
import type { OptionMeta } from './option.ts'

export interface FieldDescription extends Bounds, Pick<OptionMeta, (typeof said)[number]> {
  readonly key: string
  readonly description: string
  readonly default?: unknown
  /** It may be left out, and then has no value. */
  readonly optional: boolean
  /** Of a field that chooses from a folder of choices: each with the options of its own, which stand under `<key>Options`. */
  readonly cards?: readonly ChoiceCard[]
  /** It is an option of some choices of another field, and does nothing beside the others. */
  readonly belongsTo?: { readonly field: string; readonly names: readonly string[] }
}
export interface ChoiceCard {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it; in English. */
  readonly sentence?: string
  readonly options: readonly FieldDescription[]
  /** Values of other fields that a form offers beside it, in place of its presets and defaults. */
  readonly usual?: Readonly<Record<string, unknown>>
  /** Of a course: it does without the length of the run. */
  readonly endless?: true
  /** Offered beside these choices of another field alone. */
  readonly beside?: { readonly field: string; readonly names: readonly string[] }
}

/** What a field's meta may say, beside its description. */
export const said = [
  'placeholder',
  'fallback',
  'group',
  'level',
  'unit',
  'step',
  'logarithmic',
  'slider',
  'offer',
  'path',
  'written',
  'quiet',
  'spelt',
  'axis',
  'adapters',
  'load',
] as const satisfies readonly (keyof OptionMeta)[]

/** As much of JSON Schema as our inputs use; zod puts a field's meta into it. */
interface Described extends OptionMeta {
  readonly type?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly items?: Described
  readonly anyOf?: readonly Described[]
  readonly oneOf?: readonly Described[]
}

const describe = (schema: z.ZodType): Described => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described

const read = new WeakMap<z.ZodObject, readonly FieldDescription[]>()

/** The fields of an object, in its order. */
export function fieldsOf(schema: z.ZodObject): readonly FieldDescription[] {
  const known = read.get(schema) ?? fieldsIn(schema)
  read.set(schema, known)
  return known
}

function fieldsIn(schema: z.ZodObject): readonly FieldDescription[] {
  const { properties = {}, required = [] } = describe(schema)
  return Object.entries(properties).map(([key, field]) => ({
    key,
    ...boundsOf(field),
    description: field.description ?? '',
    ...(field.default === undefined ? {} : { default: field.default }),
    optional: field.default === undefined && !required.includes(key),
    ...Object.fromEntries(said.flatMap((name) => (field[name] === undefined ? [] : [[name, field[name]]]))),
  }))
}

/** A number, a choice or a switch: it may vary along an axis and be told in a line, unless its schema says not. */
export const varies = ({ kind }: Bounds): boolean => kind !== 'text' && kind !== 'list'

/** Whole numbers are bounded by what a float holds exactly, which says nothing to a person. */
const endless = 2 ** 52

function boundsOf(field: Described): Bounds {
  const min = field.minimum ?? field.exclusiveMinimum ?? field.minLength ?? field.minItems
  const max = field.maximum ?? field.exclusiveMaximum ?? field.maxLength ?? field.maxItems
  return {
    kind: kindOf(field),
    ...(min === undefined || min < -endless ? {} : { min }),
    ...(max === undefined || max > endless ? {} : { max }),
    ...(field.exclusiveMinimum === undefined ? {} : { above: true }),
    ...(field.exclusiveMaximum === undefined ? {} : { below: true }),
    ...(field.enum ? { choices: field.enum } : {}),
  }
}

/** What stands at a path of an input; nothing where the schema has no such field, or has fields of its own there. */
export function boundsAt(schema: z.ZodType, path: readonly PropertyKey[]): Bounds | undefined {
  let at: Described | undefined = describe(schema)
  for (const part of path) at = at && within(at, part)
  return at && at.type !== 'object' ? boundsOf(at) : undefined
}

function within(field: Described, part: PropertyKey): Described | undefined {
  if (typeof part === 'number') return field.items
  const own = field.properties?.[String(part)]
  if (own) return own
  // Forms of an input that disagree about the field tell nothing of it.
  const found = [...(field.anyOf ?? []), ...(field.oneOf ?? [])].flatMap((one) => within(one, part) ?? [])
  return new Set(found.map((one) => JSON.stringify(one))).size === 1 ? found[0] : undefined
}

/** What a field takes, in English: for whoever calls without a screen. */
export function takes({ kind, min, max, above, below, choices }: Bounds): string {
  if (choices) return `one of ${choices.join(', ')}`
  const what = { integer: 'a whole number', number: 'a number', text: 'a text', list: 'a list', switch: 'true or false', choice: '' }[kind]
  const unit = kind === 'text' ? ' characters' : kind === 'list' ? ' entries' : ''
  const least = min === undefined ? '' : above ? ` above ${min}` : ` from ${min}`
  const most = max === undefined ? '' : below ? ` to below ${max}` : min === undefined ? ` up to ${max}` : ` to ${max}`
  return `${what}${least}${most}${least || most ? unit : ''}`
}

function kindOf({ type, enum: choices }: Described): Bounds['kind'] {
  if (choices) return 'choice'
  if (type === 'array') return 'list'
  return type === 'integer' ? 'integer' : type === 'number' ? 'number' : type === 'boolean' ? 'switch' : 'text'
}
