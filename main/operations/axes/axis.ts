// What a grid can vary: one kind a file. An axis is data (`gridAxis`); its kind says what each value makes of a form, and reads values from text.
import type { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { fieldsOf, takes, type FieldDescription } from '../../../engine/requests/fields.ts'
import { valueSaid } from '../../../engine/requests/settings-line.ts'
import { numbersOf } from '../../api/axis-values.ts'
import type { generateForm, gridAxis } from '../../api/methods/generate.ts'

export type GridForm = z.output<typeof generateForm>
export type Axis = z.output<typeof gridAxis>
export type AxisValue = Axis['values'][number]

/** What is known where a grid is drawn: of the library, or files of a terminal. */
export interface GridWorld {
  /** The adapters of a name, by which a form calls them: of a folder all. */
  adapters(name: string): readonly string[]
  adapterTitle(adapter: string): string
  model(name: string): string | undefined
  modelTitle(model: string): string
}

/** One value of an axis. */
export interface AxisStep {
  /** On the sheet. */
  readonly label: string
  readonly change: (form: GridForm) => GridForm
}

export interface AxisKind {
  readonly name: string
  /** How it is called in text beside its name; the first stands in the sheet's metadata. */
  readonly called: readonly string[]
  /** It is of one of several, by this part of the axis: `weight:ink=0, 1`. */
  readonly of?: 'adapter' | 'option'
  /** Changes of a higher turn come later, whichever axis they are of: an option belongs to the sampler that is chosen by then. */
  readonly turn?: 1 | 2
  /** Two axes of it change a form one after the other; of others the second would take back what the first says. */
  readonly joins?: true
  /** Values from the words of a list. Throws `grid-value` by `refuse`. */
  read(words: readonly string[], at: Reading): readonly AxisValue[]
  steps(axis: Axis, world: GridWorld): AxisStep[]
}

export interface Reading {
  readonly form: GridForm
  readonly world: GridWorld
  /** What stands behind the colon. */
  readonly of?: string | undefined
  /** Names a value with its place in the list. */
  readonly refuse: (place: number, word: string, takes: string) => never
}

/** A value that a field does not take. */
export const refusing =
  (axis: string) =>
  (place: number, word: string, takes: string): never => {
    const sentence = `Value ${place + 1} of the axis "${axis}" is "${word.slice(0, 60)}"; it takes ${takes}.`
    throw new PigmentError('grid-value', sentence, { axis, place: place + 1, got: word.slice(0, 60), takes })
  }

/** Words as the values of a field: numbers and ranges, names, on and off. */
export function fieldValues(schema: z.ZodObject, key: string, words: readonly string[], { refuse }: Pick<Reading, 'refuse'>): AxisValue[] {
  const field = fieldsOf(schema).find((one) => one.key === key) as FieldDescription
  const fits = (value: unknown): boolean => (schema.shape[key] as z.ZodType).safeParse(value).success
  return words.flatMap((word, place): AxisValue[] => {
    const values = field.kind === 'integer' || field.kind === 'number' ? numbersOf(word, field.kind === 'integer') : [said(field, word)]
    if (!values || !values.every((value) => fits(value) || (isSeed(key) && value === -1))) return refuse(place, word, takes(field))
    return values
  })
}

/** Of a seed −1 is any. */
export const isSeed = (key: string): boolean => key === 'seed' || key === 'variationSeed'

function said(field: FieldDescription, word: string): AxisValue {
  if (field.kind === 'switch' && /^(on|yes)$/i.test(word)) return true
  if (field.kind === 'switch' && /^(off|no)$/i.test(word)) return false
  return valueSaid(field, word) as AxisValue
}

/** guidanceStop, "Guidance stop" and guidance_stop are one. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** The same stack but for the adapter named, or for all of it. Throws `grid-axis` where the stack has it not. */
export function inStack(form: GridForm, adapter: string | undefined, change: (entry: GridForm['stack'][number]) => object): GridForm {
  if (form.stack.length === 0 || (adapter !== undefined && !form.stack.some((one) => one.adapter === adapter)))
    throw new PigmentError('grid-axis', 'The adapter of this axis is not in the stack. Add it first.', { adapter: adapter ?? '' })
  const stack = form.stack.map((one) => (adapter === undefined || one.adapter === adapter ? { ...one, ...change(one) } : one))
  return { ...form, stack }
}
