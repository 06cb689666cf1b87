// How the fields of a drawing stand in a picture's settings line, and how they are read from one.
import { fieldsOf, varies, type FieldDescription } from './fields.ts'
import { generateRequest, type GenerateRequest } from './generate.ts'

/** Each with its name there; without those that stand there in a way of their own, such as the size. */
export const writtenFields = (): (FieldDescription & { readonly written: string })[] =>
  fieldsOf(generateRequest).flatMap((field) => {
    const { key, written = varies(field) ? asWords(key) : false } = field
    return written === false ? [] : { ...field, written }
  })

/** guidanceStop → Guidance stop. */
const asWords = (key: string): string => {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A1111 writes these also where they are usual. */
const always = new Set(['Steps', 'CFG scale', 'Seed'])

/** What is not usual; `adapters`: whether any acts. */
export function fieldsWritten(request: GenerateRequest, adapters: boolean): [written: string, value: string][] {
  const values = request as Readonly<Record<string, unknown>>
  return writtenFields().flatMap((field) => {
    const { key, written, spelt, default: usual, adapters: needed } = field
    const value = values[key] as string | number | boolean | undefined
    const idle = value === undefined || (value === usual && !always.has(written)) || (needed && !adapters)
    return idle ? [] : [[written, spelt?.[String(value)] ?? String(value)]]
  })
}

/** The value that a text means for a field, whether it fits or not. */
export function valueSaid({ kind, choices, spelt }: FieldDescription, text: string): unknown {
  const word = text.trim()
  const same = (other: string | undefined): boolean => other?.toLowerCase() === word.toLowerCase()
  if (kind === 'choice') return choices?.find((choice) => same(choice) || same(spelt?.[choice])) ?? word
  if (kind === 'switch') return same('true') ? true : same('false') ? false : word
  return kind === 'text' ? text : word === '' ? NaN : Number(word)
}
