// What a race comes to: its table as JSON and as Markdown, and two sheets of pictures, one with names and one with letters alone.
import { join, relative } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { contactSheet } from '../../../engine/images/contact-sheet.ts'
import { readPicture } from '../../../engine/images/picture.ts'
import { writePng } from '../../../engine/images/write-png.ts'
import type { RaceResult, RaceRow } from '../../../engine/requests/race.ts'
import { raceTable } from '../race/table.ts'

export interface RaceFiles {
  readonly out: string
  readonly json: string
  readonly table: string
  readonly sheet: string
  readonly blind: string
}

/** Paths in the files are relative to the folder, so that it can be moved. */
export async function raceSheet({ out, result }: { readonly out: string; readonly result: RaceResult }): Promise<RaceFiles> {
  const files = { out, json: join(out, 'race.json'), table: join(out, 'race.md'), sheet: join(out, 'race.png'), blind: join(out, 'race-blind.png') } // prettier-ignore
  const rows = result.rows.map((row) => ({ ...row, pictures: row.pictures.map((file) => relative(out, file).replaceAll('\\', '/')) }))
  await writeFileAtomic(files.json, new TextEncoder().encode(`${JSON.stringify({ ...result, rows }, null, 2)}\n`))
  await writeFileAtomic(files.table, new TextEncoder().encode(raceTable(result)))
  const byLetter = result.rows.toSorted((a, b) => a.letter.localeCompare(b.letter))
  await writeSheet(files.sheet, result, result.rows, ({ title }) => title)
  await writeSheet(files.blind, result, byLetter, ({ letter }) => letter)
  return files
}

async function writeSheet(
  file: string,
  { prompts, seed }: RaceResult,
  rows: readonly RaceRow[],
  nameOf: (row: RaceRow) => string,
): Promise<void> {
  const cells = await Promise.all(rows.map(({ pictures }) => Promise.all(pictures.map(async (one) => readPicture(one)))))
  const labels = { title: 'Race', subtitle: `The same prompts and seeds in each row, from ${seed}`, columns: prompts.slice(0, cells[0]?.length), rows: rows.map(nameOf) } // prettier-ignore
  await writePng(file, await contactSheet(cells, labels))
}
