// The input of a command of the studio as options of a command line.
import { resolve } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { path, source } from '../api/shapes.ts'

/** One field on the command line. The gate of the studio checks it again, by the whole schema. */
export function studioOption(field: z.ZodType): z.ZodType {
  const inner = innermost(field)
  const placeholder = (name: string) => ({ placeholder: name, description: '' })
  if (inner === path) return z.string().transform(absolute).optional().meta(placeholder('PATH'))
  if (inner === source)
    return z
      .string()
      .transform((text) => (text.startsWith('{') ? fromJson(text, '--from') : { path: resolve(text) }))
      .optional()
      .meta(placeholder('PATH'))
  if (inner instanceof z.ZodNumber) return z.number().optional()
  if (inner instanceof z.ZodEnum) return inner.optional().meta({ description: '' })
  if (inner instanceof z.ZodString) return z.string().optional()
  if (inner instanceof z.ZodArray && innermost(inner.element as z.ZodType) instanceof z.ZodString) return z.array(z.string()).optional()
  if (inner instanceof z.ZodArray && innermost(inner.element as z.ZodType) instanceof z.ZodEnum) return z.array(z.string()).optional()
  if (inner instanceof z.ZodBoolean)
    return z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .meta(placeholder('true|false'))
  return z
    .string()
    .transform((text) => fromJson(text, 'an option'))
    .optional()
    .meta(placeholder('JSON'))
}

function innermost(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodOptional || field instanceof z.ZodNullable)
    return innermost(field.def.innerType as z.ZodType)
  return field
}

const absolute = (text: string): string => resolve(text)

export function fromJson(text: string, option: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PigmentError(
      'usage',
      `${option} is not JSON: ${cause instanceof Error ? cause.message : ''}. Write e.g. '{"dataset":"…"}'.`,
      {},
      cause,
    )
  }
}
