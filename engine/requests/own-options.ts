// One of several that a request names (a sampler, an optimizer, an adapter variant …) may have options of its own, described by its own schema.
// They travel under `<field>Options`; those that the request has a field for are taken from that field.
import { z } from 'zod'
import { PigmentError } from './error.ts'
import { fieldsOf, takes, type FieldDescription } from './fields.ts'

/** One file of a folder in which one file is one choice. */
export interface Choice {
  readonly name: string
  readonly title?: string
  /** What it does and when to choose it, in plain words. */
  readonly sentence?: string
  /** Every one has a default. */
  readonly options?: z.ZodObject
  /** Values of other fields that a form offers beside it, in place of its presets and defaults. */
  readonly usual?: Readonly<Record<string, number | boolean | string>>
  /** Of a course: it does without the length of the run. */
  readonly endless?: true
}

/** Options by their names in the schema of what is chosen, which has their defaults and checks them. */
export const ownOptions = z.record(z.string().max(40), z.union([z.number(), z.boolean(), z.string().max(4000)]))
export type OwnOptions = z.infer<typeof ownOptions>
type Value = OwnOptions[string]

/** Where a choice is made: what it is called, in kebab-case, as `loss-weight`; and the schema whose field it is. */
export interface Chosen {
  readonly kind: string
  readonly request: z.ZodObject
}

/** What a choice can be told beside the fields of its request, in its order. */
export const optionsOf = ({ options }: Choice, request: z.ZodObject): readonly FieldDescription[] =>
  options ? fieldsOf(options).filter(({ key }) => !Object.hasOwn(request.shape, key)) : []

/**
 * All options of a choice: as they are given, of the request where they are its fields, the others by their defaults. Throws
 * `<kind>-option-unknown`, `<kind>-option-invalid`.
 */
export function completeOptions<O extends z.ZodObject>(
  at: Chosen,
  choice: Choice & { readonly options?: O },
  given: OwnOptions = {},
  request: Readonly<Record<string, unknown>> = {},
): z.output<O> {
  for (const [name, value] of Object.entries(given)) {
    const problem = problemOf(at, choice, name, value)
    if (problem) throw problem
  }
  return (choice.options?.parse({ ...request, ...given }) ?? {}) as z.output<O>
}

/** Those that a choice takes, and the names of the others. */
export function fittingOptions(at: Chosen, choice: Choice, given: OwnOptions): { fitting: OwnOptions; unfit: readonly string[] } {
  const fits = ([name, value]: readonly [string, Value]): boolean => problemOf(at, choice, name, value) === undefined
  const all = Object.entries(given)
  return { fitting: Object.fromEntries(all.filter(fits)), unfit: all.filter((one) => !fits(one)).map(([name]) => name) }
}

function problemOf({ kind, request }: Chosen, choice: Choice, option: string, value: Value): PigmentError | undefined {
  const { name, options } = choice
  const known = optionsOf(choice, request)
  const found = known.find(({ key }) => key === option)
  const names = known.map(({ key }) => key)
  const called = kind.replaceAll('-', ' ')
  if (!found)
    return new PigmentError(
      `${kind}-option-unknown`,
      `The ${called} "${name}" has no option "${option}". ${names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'}`,
      { of: name, option, names },
    )
  const schema = options?.shape[option] as z.ZodType | undefined
  if (schema?.safeParse(value).success) return undefined
  return new PigmentError(
    `${kind}-option-invalid`,
    `The option "${option}" of the ${called} "${name}" takes ${takes(found)}, got ${JSON.stringify(value)}.`,
    { of: name, option, got: String(value), takes: takes(found) },
  )
}

/** The value that a text means: a number, a switch, or the text. */
export function optionValue(text: string): Value {
  const word = text.trim()
  if (word === 'true' || word === 'false') return word === 'true'
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : word
}

/** An optional field of a request that is an option of some choices alone. */
export interface Belonging {
  readonly option: string
  readonly names: readonly string[]
}

/** The optional fields of a request that are options of some of these choices. */
export function belongings(choices: readonly Choice[], request: z.ZodObject): Belonging[] {
  const optional = fieldsOf(request).flatMap((field) => (field.optional ? field.key : []))
  return optional.flatMap((option) => {
    const names = choices.flatMap(({ name, options }) => (options && Object.hasOwn(options.shape, option) ? name : []))
    return names.length > 0 ? [{ option, names }] : []
  })
}

/** Which one is chosen: by its name, else by the first such field that is given. `stray` belongs to another and would do nothing. */
export function chosenBy(name: string | undefined, given: readonly Belonging[]): { name: string | undefined; stray?: Belonging } {
  const chosen = name ?? given[0]?.names[0]
  const stray = given.find(({ names }) => chosen === undefined || !names.includes(chosen))
  return { name: chosen, ...(stray ? { stray } : {}) }
}

/** What a request may choose from in one of its fields; `usual` where it names none and gives no option of one. */
export interface ChoiceField<C extends Choice> {
  readonly field: string
  readonly choices: readonly C[]
  readonly request: z.ZodObject
  readonly usual?: string
}

/**
 * What a request chooses in a field, with all of its options; nothing where it chooses none. Throws `<kind>-options` where an option of another is
 * given, and those of `completeOptions`; the kind is the field in kebab-case, as `loss-weight`.
 */
export function chosenOf<C extends Choice>(
  { field, choices, request: schema, usual }: ChoiceField<C>,
  request: Readonly<Record<string, unknown>>,
): { readonly one: C; readonly options: Readonly<Record<string, unknown>> } | undefined {
  const kind = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const given = belongings(choices, schema).filter(({ option }) => request[option] !== undefined)
  const { name = usual, stray } = chosenBy(request[field] as string | undefined, given)
  if (stray) {
    const owner = stray.names.join('", "')
    throw new PigmentError(
      `${kind}-options`,
      `"${stray.option}" belongs to the ${kind.replaceAll('-', ' ')} "${owner}", and "${name}" was chosen. Leave it out, or choose "${owner}".`,
      { option: stray.option, belongsTo: owner, chosen: name },
    )
  }
  const one = choices.find((candidate) => candidate.name === name)
  return (
    one && { one, options: completeOptions({ kind, request: schema }, one, request[`${field}Options`] as OwnOptions | undefined, request) }
  )
}
