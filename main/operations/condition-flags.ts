// On the command line every option of every condition is a flag of its own: `--init-image FILE`.
import { z } from 'zod'
import { conditions } from '../../engine/conditions/index.ts'
import type { ConditionOptions } from '../../engine/requests/generate.ts'
import { leftOpen } from '../../engine/requests/option.ts'

const left = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault ? leftOpen(field as z.ZodDefault<z.ZodType>) : field.optional().meta(field.meta() ?? {})

/** By their keys; none has a value unless it is given, and help tells the default. */
export const conditionFlags: z.ZodRawShape = Object.fromEntries(
  conditions.flatMap(({ options }) =>
    Object.entries(options.shape as Readonly<Record<string, z.ZodType>>).map(([key, field]) => [key, left(field)]),
  ),
)

/** Those that are given, as the request has them. */
export function fromFlags(given: Readonly<Record<string, unknown>>): { readonly conditions?: ConditionOptions } {
  const told = Object.keys(conditionFlags).flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]]))
  return told.length > 0 ? { conditions: Object.fromEntries(told) as ConditionOptions } : {}
}
