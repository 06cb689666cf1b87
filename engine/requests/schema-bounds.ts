// What the fields of a schema take, as forms show it and as errors tell it.
import { z } from 'zod'
import type { Bounds } from './bounds.ts'

/** As much of JSON Schema as our inputs use. */
export interface Described {
  readonly type?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Described>>
  readonly items?: Described
  readonly anyOf?: readonly Described[]
  readonly oneOf?: readonly Described[]
}

export const described = (schema: z.ZodType): Described => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described

/** Whole numbers are bounded by what a float holds exactly, which says nothing to a person. */
const endless = 2 ** 52

export function boundsOf(field: Described): Bounds {
  const min = field.minimum ?? field.exclusiveMinimum ?? field.minLength ?? field.minItems
  const max = field.maximum ?? field.maxLength ?? field.maxItems
  return {
    kind: kindOf(field),
    ...(min === undefined || min < -endless ? {} : { min }),
    ...(max === undefined || max > endless ? {} : { max }),
    ...(field.exclusiveMinimum === undefined ? {} : { above: true }),
    ...(field.enum ? { choices: field.enum } : {}),
  }
}

/** What stands at a path of an input; nothing where the schema has no such field. */
export function boundsAt(schema: z.ZodType, path: readonly PropertyKey[]): Bounds | undefined {
  let at: Described | undefined = described(schema)
  for (const part of path) at = at && within(at, part)
  return at && boundsOf(at)
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
export function takes({ kind, min, max, above, choices }: Bounds): string {
  if (choices) return `one of ${choices.join(', ')}`
  const what = { integer: 'a whole number', number: 'a number', text: 'a text', list: 'a list', switch: 'true or false', choice: '' }[kind]
  const unit = kind === 'text' ? ' characters' : kind === 'list' ? ' entries' : ''
  const least = min === undefined ? '' : above ? ` above ${min}` : ` from ${min}`
  const most = max === undefined ? '' : min === undefined ? ` up to ${max}` : ` to ${max}`
  return `${what}${least}${most}${least || most ? unit : ''}`
}

function kindOf({ type, enum: choices }: Described): Bounds['kind'] {
  if (choices) return 'choice'
  if (type === 'array') return 'list'
  return type === 'integer' ? 'integer' : type === 'number' ? 'number' : type === 'boolean' ? 'switch' : 'text'
}
