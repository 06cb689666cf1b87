// How fields of a request are called in a recipe: as on the command line, and read however they are spelt.
import type { z } from 'zod'
import { fieldsOf, type FieldDescription } from '../../engine/requests/fields.ts'

/** captionDropout → caption-dropout. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `caption-dropout`, `caption_dropout` and `captionDropout` are one. */
export const plainKey = (key: string): string => key.replace(/[-_]/g, '').toLowerCase()

/** Where a field stands in a recipe: below its group; options of a choice below that of the choice. */
export function groupOf(key: string, fields: readonly FieldDescription[]): string | undefined {
  const own = fields.find((field) => field.key === key)?.group
  return own ?? fields.find((field) => `${field.key}Options` === key)?.group
}

export const groupsIn = (schema: z.ZodObject): ReadonlySet<string> =>
  new Set(fieldsOf(schema).flatMap(({ group }) => (group === undefined ? [] : [group])))

/** A file or folder of this machine. */
export const isPath = ({ path, placeholder = '' }: FieldDescription): boolean => path !== undefined || /^(DIR|FILE|PATH)$/.test(placeholder)

/** The known word that takes the fewest letters to change into it; none where that would be half of the word. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let [best, least] = [undefined as string | undefined, Math.max(1, Math.floor(word.length / 2)) + 0.5]
  for (const one of known) {
    const distance = lettersBetween(plainKey(word), plainKey(one))
    if (distance < least) [best, least] = [one, distance]
  }
  return best
}

/** Levenshtein: letters put in, taken out or changed. */
function lettersBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
  }
  return row[b.length] ?? 0
}
