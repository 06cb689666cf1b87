// What a field is on a command line: its flag, its placeholder, how its text becomes a value, and what the help says of it.
import type { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { fieldsOf as describedFields, type FieldDescription } from '../../engine/requests/fields.ts'
import { kebab } from '../recipes/keys.ts'

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
  return describedFields(input).map((field) => fieldOf(field, field.key === positional))
}

function fieldOf(field: FieldDescription, positional: boolean): Field {
  const { key, description, choices, fallback } = field
  const kind = kinds[field.kind]
  const placeholder = field.placeholder ?? (kind === 'number' ? 'N' : choices ? 'NAME' : 'TEXT')
  const flag = positional ? placeholder : `--${kebab(key)}`
  // What stands in the placeholder is not said again.
  const among = choices && placeholder !== choices.join('|') ? `(one of ${choices.join(', ')})` : ''
  return {
    key,
    flag,
    placeholder,
    kind,
    required: !field.optional && field.default === undefined,
    description: [description, among, shown(field.default ?? fallback)].filter((part) => part !== '').join(' '),
    parse: (text) => (kind === 'number' ? numberOf(flag, text) : text),
  }
}

const kinds = { integer: 'number', number: 'number', switch: 'switch', list: 'list', choice: 'text', text: 'text' } as const

function shown(fallback: unknown): string {
  return typeof fallback === 'number' || (typeof fallback === 'string' && fallback !== '') ? `(default: ${fallback})` : ''
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function numberOf(flag: string, text: string): number {
  if (decimal.test(text.trim())) return Number(text)
  throw new PigmentError('usage', `${flag}: expected a number, got "${text}".`, { option: flag, got: text })
}
