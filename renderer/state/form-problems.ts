// What keeps a form from being sent: its fields whose values do not fit, each with what it takes instead.
import type { ChoiceCard, FieldDescription } from '../../engine/requests/fields.ts'
import { memberRank } from '../../engine/requests/members.ts'
import { chosenBy, type OwnOptions } from '../../engine/requests/own-options.ts'
import { fits } from './fits.ts'
import { choiceName, fieldName, rangeWords } from '../words/takes.ts'
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

/** Of fields drawn from a schema: a field that may stay empty fits without a value. Options of what is chosen are fields too. */
export function fieldProblems(fields: readonly FieldDescription[], valueOf: (key: string) => unknown): FormProblem[] {
  const unfit = fields.flatMap((field) => {
    const value = valueOf(field.key)
    const own = ownFields(field, value)
    const given = valueOf(`${field.key}Options`) as OwnOptions | undefined
    const below = own.length > 0 ? fieldProblems(own, (key) => given?.[key] ?? own.find((one) => one.key === key)?.default) : []
    if (value === undefined ? field.optional : fits(field, value)) return below
    return [problem(field.key, rangeWords(field, value)), ...below]
  })
  return [...unfit, ...strays(fields, valueOf).filter(({ key }) => unfit.every((one) => one.key !== key))]
}

/** What a field offers beside what the other fields have chosen. */
export const cardsBeside = ({ cards }: FieldDescription, valueOf: (key: string) => unknown): readonly ChoiceCard[] | undefined =>
  cards?.filter(({ beside }) => !beside || beside.names.includes(String(valueOf(beside.field))))

/** Fields that have chosen what is not offered beside the others. */
export const unoffered = (fields: readonly FieldDescription[], valueOf: (key: string) => unknown): string[] =>
  fields.flatMap((field) => {
    const chosen = field.cards?.find(({ name }) => name === valueOf(field.key))
    return chosen && !cardsBeside(field, valueOf)?.includes(chosen) ? field.key : []
  })

/** The names of the options that each choice has, by the key that they are asked under. */
export const ownKeys = (fields: readonly FieldDescription[], valueOf: (key: string) => unknown): Record<string, ReadonlySet<string>> =>
  Object.fromEntries(
    fields.flatMap((field) =>
      field.cards ? [[`${field.key}Options`, new Set(ownFields(field, valueOf(field.key)).map(({ key }) => key))] as const] : [],
    ),
  )

/** The options that a field's choice has of its own. */
export const ownFields = ({ cards }: FieldDescription, value: unknown): readonly FieldDescription[] =>
  cards?.find(({ name }) => name === value)?.options ?? []

/** The options of choices as a request takes them: those that the chosen one has. */
export function ownGiven(fields: readonly FieldDescription[], valueOf: (key: string) => unknown): Readonly<Record<string, OwnOptions>> {
  const given = fields.flatMap((field): [string, OwnOptions][] => {
    const known = new Set(ownFields(field, valueOf(field.key)).map(({ key }) => key))
    const own = Object.entries((valueOf(`${field.key}Options`) ?? {}) as OwnOptions).filter(([key]) => known.has(key))
    return own.length > 0 ? [[`${field.key}Options`, Object.fromEntries(own)]] : []
  })
  return Object.fromEntries(given)
}

/** Fields that belong to another choice than the one that is made: they would do nothing. The engine refuses them by the same rule. */
function strays(fields: readonly FieldDescription[], valueOf: (key: string) => unknown): FormProblem[] {
  return [...new Set(fields.flatMap(({ belongsTo }) => belongsTo?.field ?? []))].flatMap((owner) => {
    const given = fields.flatMap(({ key, belongsTo }) =>
      belongsTo?.field === owner && valueOf(key) !== undefined ? { option: key, names: belongsTo.names } : [],
    )
    const { name, stray } = chosenBy(valueOf(owner) as string | undefined, given)
    if (!stray || name === undefined) return []
    const belongs = stray.names.map((one) => choiceName(owner, one)).join(', ')
    return problem(stray.option, t('range.belongs', { chosen: choiceName(owner, name), belongs }))
  })
}

/** The engine's own rule for members, as a problem of the rank. */
export function sharingProblems(valueOf: (key: string) => unknown): FormProblem[] {
  const [rank, members] = [Number(valueOf('rank')), Number(valueOf('members'))]
  try {
    memberRank({ rank, members })
    return []
  } catch {
    return [problem('rank', t('range.multiple', { n: members, example: Math.ceil(rank / members) * members }))]
  }
}
