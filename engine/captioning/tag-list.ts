// selected_tags.csv of a WD14 tagger: what each of its outputs means, in their order.
import { basename } from 'node:path'
import { fileError } from '../files/file-error.ts'
import { readRegular } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'

export interface Tag {
  readonly name: string
  /** Danbooru's: 0 general, 4 character, 9 rating. */
  readonly category: number
}

const mostBytes = 64 * 2 ** 20

/** Throws `tag-list-unreadable`, and why the file cannot be read. */
export async function readTagList(path: string): Promise<Tag[]> {
  const bytes = await readRegular(path, mostBytes).catch((error: unknown) => {
    throw error instanceof PigmentError ? error : fileError(error, path, 'read')
  })
  const refuse = (reason: string): PigmentError =>
    new PigmentError(
      'tag-list-unreadable',
      `"${basename(path)}" is no list of tags: ${reason}. Expected a table (CSV) with the columns tag_id, name, category, count; copy it again from where the tagger was published.`,
      { path, reason },
    )
  const [head = [], ...rows] = csvRows(new TextDecoder().decode(bytes))
  const [name, category] = [head.indexOf('name'), head.indexOf('category')]
  if (name < 0 || category < 0) throw refuse('it has no columns "name" and "category"')
  return rows.map((row, i) => {
    const [tag, kind] = [row[name], Number(row[category])]
    if (tag === undefined || row[category] === undefined || !Number.isInteger(kind))
      throw refuse(`line ${i + 2} has no name or no category`)
    return { name: tag, category: kind }
  })
}

/** As RFC 4180 has it: a field in quotes may hold commas, quotes (twice) and line breaks. Empty lines are passed over. */
function csvRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/y
  while (field.lastIndex < text.length) {
    const found = field.exec(text)
    if (!found) return rows
    const [, quoted, plain = '', end] = found
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}
