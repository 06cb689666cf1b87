// The options of a form, by where they stand: what is chosen first, how much, and groups of the rest, which can be searched.
import type { FieldDescription } from '../../engine/requests/fields.ts'

const isBasic = ({ level }: FieldDescription): boolean => level === 'basic'
/** What is chosen or named is what is learnt; figures, and what the rate does, are how much. */
const isWhat = ({ kind, group }: FieldDescription): boolean => group !== 'course' && (kind === 'choice' || kind === 'text')

export const whatFields = (fields: readonly FieldDescription[]): FieldDescription[] =>
  fields.filter((field) => isBasic(field) && isWhat(field))
export const amountFields = (fields: readonly FieldDescription[]): FieldDescription[] =>
  fields.filter((field) => isBasic(field) && !isWhat(field))

export interface OptionGroup {
  readonly name: string
  readonly fields: readonly FieldDescription[]
}
/** What is changed most often first; a group that is not named here comes before the last. */
const order = ['network', 'course', 'pictures', 'captions', 'trigger', 'objective', 'noise', 'validation', 'machine']
const placeOf = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length - 1.5)

/** Those that are in no other place, by the group of their schema. */
export function otherGroups(fields: readonly FieldDescription[]): OptionGroup[] {
  const groups = Map.groupBy(
    fields.filter((field) => !isBasic(field)),
    ({ group }) => group ?? '',
  )
  return Array.from(groups, ([name, among]) => ({ name, fields: among })).toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
}

/** Whether each word of a query is in what a field says of itself. */
export const saysAll = (query: string, said: readonly string[]): boolean => {
  const text = said.join(' ').toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Whether a field, or an option of what it has chosen, was set otherwise than its preset has it. */
export function differs(key: string, values: Readonly<Record<string, unknown>>, usual: Readonly<Record<string, unknown>>): boolean {
  const own = values[`${key}Options`]
  return (key in values && values[key] !== usual[key]) || (own !== undefined && Object.keys(own as object).length > 0)
}
