// Settings of another program, option by option, through a table: into fields of ours that there are and that take them, and into a report.
import type { z } from 'zod'
import { choices } from '../../engine/choices.ts'
import { boundsAt, takes } from '../../engine/requests/fields.ts'
import { fittingOptions, type OwnOptions } from '../../engine/requests/own-options.ts'
import { because, type Reason } from '../../engine/requests/reason.ts'
import type { ImportReport } from '../api/methods/recipe.ts'
import type { Imported } from './importer.ts'
import { kebab } from './keys.ts'
import type { RecipeValues } from './read-recipe.ts'

/** Options by their names, those that are not given by their defaults. */
export type Settings = Readonly<Record<string, unknown>>

/** What becomes of an option: fields of ours (those of a choice as `optimizerOptions.beta1`), and how that differs from what was meant. */
export interface Taken {
  readonly set?: Readonly<Record<string, unknown>>
  readonly differs?: Reason
  /** Its value means nothing that is known. */
  readonly unknown?: true
}
/** Nothing: it changes nothing of what is learnt. */
export type Row = (value: unknown, all: Settings) => Taken | undefined
export type Rows = Readonly<Record<string, Row>>

export interface Mapping {
  readonly program: string
  readonly given: Settings
  readonly defaults: Settings
  readonly rows: Rows
  readonly schema: z.ZodObject
  /** What rows see beside, and what is told elsewhere. */
  readonly around?: Settings
  /** What others have set: options of a choice are those of what is chosen there. */
  readonly before?: RecipeValues
  /** Before the names of options in the report. */
  readonly prefix?: string
}

type Entry = ImportReport['differs'][number]

/** Values that hold secrets are not told. */
const secret = /(^|_)token$|api_key|password/

export function mapSettings({ program, given, defaults, rows, schema, around = {}, before = {}, prefix = '' }: Mapping): Imported {
  const [own, all] = [
    { ...defaults, ...given },
    { ...around, ...defaults, ...given },
  ]
  const found = new Map<string, { readonly value: unknown }>()
  const report = {
    program,
    mapped: [] as ImportReport['mapped'][number][],
    differs: [] as Entry[],
    unknown: [] as Theirs[],
    ignored: [] as Theirs[],
  }
  for (const [name, was] of Object.entries(own)) {
    const byDefault = !(name in given)
    const theirs = { theirs: `${prefix}${name}`, was: secret.test(name) ? '…' : was, ...(byDefault ? { byDefault: true as const } : {}) }
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined
    const taken = row ? row(was, all) : { unknown: true as const }
    if (taken?.unknown) {
      report.unknown.push(theirs)
      continue
    }
    const { set = {}, differs } = taken ?? {}
    // What is not here and is switched off there is alike.
    const entries = Object.entries(set).filter(([ours, value]) => value !== undefined && (value !== false || isHere(schema, ours)))
    for (const [n, [ours, value]] of entries.entries()) {
      const others = { ...before, ...Object.fromEntries([...found].map(([key, one]) => [key, one.value])), ...set }
      const why = refused(schema, ours, value, others)
      if (why) report.differs.push({ ...theirs, why })
      else {
        found.set(ours, { value })
        const entry = { ...theirs, ours: spelt(ours), value }
        if (differs && n === 0) report.differs.push({ ...entry, why: differs })
        // What both do unasked need not be told.
        else if (!byDefault || defaultOf(schema, ours) !== value) report.mapped.push(entry)
      }
    }
    if (entries.length > 0) continue
    if (differs) report.differs.push({ ...theirs, why: differs })
    else if (!byDefault) report.ignored.push(theirs)
  }
  return { values: nested(found), report }
}

interface Theirs {
  readonly theirs: string
  readonly was: unknown
  readonly byDefault?: true
}

const spelt = (ours: string): string => ours.split('.').map((part, n) => (n === 0 ? kebab(part) : part)).join('.') // prettier-ignore

function defaultOf(schema: z.ZodObject, key: string): unknown {
  const parsed = (schema.shape[key] as z.ZodType | undefined)?.safeParse(undefined)
  return parsed?.success ? parsed.data : undefined
}

const isHere = (schema: z.ZodObject, ours: string): boolean => Object.hasOwn(schema.shape, ours.split('.')[0] ?? '')

/** Why a field of ours does not take a value; undefined where it does. */
function refused(schema: z.ZodObject, ours: string, value: unknown, all: Settings): Reason | undefined {
  const [key = '', option] = ours.split('.')
  const field = schema.shape[key] as z.ZodType | undefined
  const notHere = because('import-not-here', 'There is no such option here: it is trained without.')
  if (!field) return notHere
  if (option === undefined) {
    if (field.safeParse(value).success) return undefined
    const bounds = boundsAt(schema, [key])
    return because('import-does-not-fit', '{ours} takes {takes} here: it is left as it is.', {
      ours: kebab(key),
      takes: bounds ? takes(bounds) : 'something else',
    })
  }
  const chosen = key.replace(/Options$/, '')
  const usual = all[chosen] ?? defaultOf(schema, chosen)
  const choice = choices[chosen]?.find(({ name }) => name === usual)
  return choice && fittingOptions({ kind: chosen, request: schema }, choice, { [option]: value as OwnOptions[string] }).unfit.length === 0
    ? undefined
    : notHere
}

/** `optimizerOptions.beta1` below `optimizerOptions`. */
function nested(found: ReadonlyMap<string, { readonly value: unknown }>): RecipeValues {
  const values: Record<string, unknown> = {}
  for (const [ours, { value }] of found) {
    const [key = '', option] = ours.split('.')
    if (option === undefined) values[key] = value
    else values[key] = { ...(values[key] as object | undefined), [option]: value }
  }
  return values
}

/** What a further set of pictures has unless it says so, where the first says otherwise: in other programs it follows nobody. */
const unlessSaid: Readonly<Record<string, unknown>> = {
  ...{ flip: false, shuffleCaption: false, keepTokens: 0, captionDropout: 0, captionTagDropout: 0, captionDropoutEveryEpochs: 0 },
  ...{ captionPolicy: 'error', tokenWarmupSteps: 0, captionSeparator: ',' },
}
export const ofFurtherSet = (own: RecipeValues, main: RecipeValues): RecipeValues => ({
  ...Object.fromEntries(Object.entries(unlessSaid).filter(([key, value]) => main[key] !== undefined && main[key] !== value)),
  ...own,
})

// Rows that many tables have.

export const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
/** As Python's words have it: `True`, `false`, `1`. */
export const switchOf = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'number' || typeof value === 'string' ? String(value).toLowerCase() : ''
  return ['true', '1', 'yes'].includes(word) ? true : ['false', '0', 'no', 'none', ''].includes(word) ? false : undefined
}
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

/** Nothing, none, empty: as if it were not given. */
export const isOpen = (value: unknown): boolean => value === undefined || value === null || value === '' || value === 'None'

export const ignored: Row = () => undefined
export const number = (ours: string, factor = 1): Row => taking(numberOf, (value) => ({ set: { [ours]: value * factor } }))
/** Nothing where it is 0: there that means off. */
export const aboveZero = (ours: string): Row => taking(numberOf, (value) => (value === 0 ? undefined : { set: { [ours]: value } }))
export const on = (ours: string): Row => taking(switchOf, (value) => ({ set: { [ours]: value } }))
export const text = (ours: string): Row => taking(textOf, (value) => ({ set: { [ours]: value } }))
/** Why a number of steps cannot be told. */
export const byEpochs = because('import-epochs', 'It counts epochs, which depends on how many pictures there are: give it in steps.')

/** An option that is not here: told where it is switched on. */
export const notHere: Row = (value) => {
  const off = isOpen(value) || switchOf(value) === false || numberOf(value) === 0
  return off ? undefined : { differs: because('import-not-here', 'There is no such option here: it is trained without.') }
}
/** Words of theirs for choices of ours, in whichever case. */
export const word = (ours: string, words: Readonly<Record<string, string>>): Row =>
  taking(textOf, (value) => {
    const own = words[value.toLowerCase()]
    return own === undefined ? { unknown: true } : { set: { [ours]: own } }
  })

export function taking<T>(read: (value: unknown) => T | undefined, then: (value: T, all: Settings) => Taken | undefined): Row {
  return (value, all) => {
    if (isOpen(value)) return undefined
    const own = read(value)
    return own === undefined ? { unknown: true } : then(own, all)
  }
}
