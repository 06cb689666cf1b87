// What keeps a form from being sent: its fields whose values do not fit, each with what it takes instead.
import type { FieldDescription } from '../../engine/requests/fields.ts'
import { fits } from './fits.ts'
import { fieldName, rangeWords } from '../words/takes.ts'
import { t } from '../words/words.svelte.ts'

export interface FormProblem {
  /** The field's key; its element is `field-<key>`. */
  readonly key: string
  readonly text: string
}

export const problem = (key: string, range: string, name = fieldName(key)): FormProblem => ({
  key,
  text: t('field.takes', { field: name, range }),
})

/** Of fields drawn from a schema: a field that may stay empty fits without a value. */
export function fieldProblems(fields: readonly FieldDescription[], valueOf: (key: string) => unknown): FormProblem[] {
  return fields.flatMap((field) => {
    const value = valueOf(field.key)
    if (value === undefined ? field.optional : fits(field, value)) return []
    return problem(field.key, rangeWords(field, value))
  })
}
