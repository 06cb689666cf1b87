// Any number, choice or switch of a request makes an axis, under the sign of its schema.
import { fieldsOf, varies, type FieldDescription } from '../../../engine/requests/fields.ts'
import { generateRequest, type GenerateRequest } from '../../../engine/requests/generate.ts'
import { fieldValues, type AxisKind } from './axis.ts'

/** Those that vary. */
export const fieldAxes = (): readonly FieldDescription[] =>
  fieldsOf(generateRequest).filter((field) => varies(field) && field.axis !== false)

export function fieldAxis({ key: name, axis, written }: FieldDescription): AxisKind {
  const key = name as keyof GenerateRequest
  // As other programs' sheets have it, so that it is read in every language.
  const sign = (axis ? axis.sign : undefined) ?? key.charAt(0).toUpperCase() + key.slice(1)
  return {
    name: key,
    called: [...new Set([...(written ? [written] : []), sign, ...(alsoCalled[key] ?? [])])],
    read: (words, at) => fieldValues(generateRequest, key, words, at),
    steps: ({ values }) =>
      values.map((value) => ({
        label: `${sign} ${String(value)}`,
        // Options are of the form's own choice; another has its defaults.
        change: (form) => ({ ...form, [key]: value, ...(value === form[key] ? {} : withoutOptions(key)) }),
      })),
  }
}

const withoutOptions = (key: string): object =>
  Object.hasOwn(generateRequest.shape, `${key}Options`) ? { [`${key}Options`]: undefined } : {}

/** A1111's names of axes (scripts/xyz_grid.py), where they are not those of its settings line. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  variationSeed: ['Var. seed'],
  variationStrength: ['Var. strength'],
}
