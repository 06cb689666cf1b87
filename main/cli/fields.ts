// What a zod field is on a command line: its flag, its placeholder, how its text becomes a value, and what the help says of it.
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'

export interface Field {
  readonly key: string
  /** `--caption-dropout`, or the placeholder of a positional. */
  readonly flag: string
  readonly placeholder: string
  readonly description: string
  readonly kind: 'number' | 'switch' | 'text' | 'list'
  readonly required: boolean
  readonly parse: (text: string) => unknown
}

/** The fields of a command's input, in its order. */
export function fieldsOf(input: z.ZodObject, positional?: string): Field[] {
  return Object.entries(input.shape as Record<string, z.ZodType>).map(([key, schema]) => fieldOf(key, schema, key === positional))
}

function fieldOf(key: string, schema: z.ZodType, positional: boolean): Field {
  const { inner, fallback, required } = unwrap(schema)
  const words = schema.meta() ?? {}
  const kind = kindOf(inner)
  const placeholder =
    typeof words.placeholder === 'string' ? words.placeholder : kind === 'number' ? 'N' : inner instanceof z.ZodEnum ? 'NAME' : 'TEXT'
  const flag = positional ? placeholder : `--${kebab(key)}`
  return {
    key,
    flag,
    placeholder,
    kind,
    required,
    description: [words.description ?? '', choices(inner), shown(fallback ?? words.fallback)].filter((part) => part !== '').join(' '),
    parse: (text) => (kind === 'number' ? numberOf(flag, text) : text),
  }
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: unknown; required: boolean } {
  if (schema instanceof z.ZodDefault)
    return { ...unwrap(schema.def.innerType as z.ZodType), fallback: schema.def.defaultValue, required: false }
  if (schema instanceof z.ZodOptional) return { ...unwrap(schema.def.innerType as z.ZodType), required: false }
  return { inner: schema, fallback: undefined, required: true }
}

function kindOf(inner: z.ZodType): Field['kind'] {
  if (inner instanceof z.ZodNumber) return 'number'
  if (inner instanceof z.ZodBoolean) return 'switch'
  return inner instanceof z.ZodArray ? 'list' : 'text'
}

const choices = (inner: z.ZodType): string => (inner instanceof z.ZodEnum ? `(one of ${inner.options.join(', ')})` : '')

function shown(fallback: unknown): string {
  return typeof fallback === 'number' || (typeof fallback === 'string' && fallback !== '') ? `(default: ${fallback})` : ''
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function numberOf(flag: string, text: string): number {
  if (decimal.test(text.trim())) return Number(text)
  throw new PigmentError('usage', `${flag}: expected a number, got "${text}".`, { option: flag, got: text })
}

/** captionDropout → caption-dropout. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
