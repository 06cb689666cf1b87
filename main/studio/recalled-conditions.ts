// The options of conditions, out of a settings line or a form.
import type { z } from 'zod'
import { conditions } from '../../engine/conditions/index.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import type { ConditionOptions } from '../../engine/requests/generate.ts'
import { valueSaid } from '../../engine/requests/settings-line.ts'
import type { Recalled } from '../api/methods/generate.ts'

interface Named {
  readonly condition: (typeof conditions)[number]
  readonly options: z.ZodObject
}

interface Found {
  readonly fitting: { readonly conditions?: ConditionOptions }
  readonly unfit: Recalled['missing'][number][]
}

const found = (kept: readonly (readonly [string, unknown])[], unfit: readonly string[]): Found => ({
  fitting: kept.length > 0 ? { conditions: Object.fromEntries(kept) as ConditionOptions } : {},
  unfit: unfit.map((name) => ({ kind: 'setting', name })),
})

/** Of a form, which another version may have written; a stranger's, whose paths are not opened, unless it is `ours`. */
export function conditionsHere({ conditions: given = {} }: { conditions?: ConditionOptions | undefined }, ours: boolean): Found {
  const fields = conditions.flatMap(({ options }) =>
    fieldsOf(options).map((field) => ({ field, schema: options.shape[field.key] as z.ZodType })),
  )
  const known = Object.entries(given).map(([key, value]) => {
    const one = fields.find(({ field }) => field.key === key)
    const fits = one !== undefined && (ours || !one.field.path) && one.schema.safeParse(value).success
    const text = String(value).split(/[\\/]/).at(-1)?.slice(0, 60) ?? ''
    // A file has its own name; what else does not fit is told as pictures tell it.
    const name = one?.field.path ? text : `${one?.field.written || key} ${text}`
    return { key, value, fits, name }
  })
  return found(
    known.flatMap(({ key, value, fits }) => (fits ? [[key, value] as const] : [])),
    known.flatMap(({ fits, name }) => (fits ? [] : name)),
  )
}

function fits({ condition, options }: Pick<Named, 'condition' | 'options'>, key: string, value: unknown): boolean {
  if (!(options.shape[key] as z.ZodType).safeParse(value).success) return false
  try {
    condition.checks?.[key]?.(String(value))
    return true
  } catch {
    return false
  }
}

/** Of a settings line, by the keys that they have there. What they were drawn from is not in it. */
export function conditionsSaid(settings: ReadonlyMap<string, string>): Found['fitting'] {
  const all = conditions.map((condition) => {
    const { options, by } = condition
    const fields = fieldsOf(options)
    return { condition, options, fields, sign: fields.find(({ key }) => key === by)?.written || undefined }
  })
  // A key that two of them have is of the one that the line names: a strength is that of hires fix where there is one.
  const named = all.filter(({ sign }) => sign !== undefined && settings.has(sign))
  const theirs = new Set(named.flatMap(({ fields }) => fields.map(({ written }) => written)))
  const said = all.flatMap((one) => {
    if (one.sign !== undefined && !settings.has(one.sign)) return []
    return one.fields.flatMap((field) => {
      const text = field.written && (named.includes(one) || !theirs.has(field.written)) ? settings.get(field.written) : undefined
      if (text === undefined) return []
      const value = valueSaid(field, text.slice(0, field.kind === 'text' ? field.max : 60))
      return fits(one, field.key, value) ? [[field.key, value] as const] : []
    })
  })
  return found(said, []).fitting
}
