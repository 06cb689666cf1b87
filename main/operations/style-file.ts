// Styles of prompts by their names, in A1111's file: `styles.csv` with the columns name, prompt and negative_prompt (modules/styles.py).
import { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { PigmentError } from '../../engine/requests/error.ts'

export const promptStyle = z.strictObject({
  name: z.string().trim().min(1).max(200),
  prompt: z.string().max(20_000).default(''),
  negative: z.string().max(20_000).default(''),
})
export type PromptStyle = z.output<typeof promptStyle>

const largest = 16 * 2 ** 20
/** Rows that only divide a menu. */
const divider = /^-{4}/

/** In their order; of one name the last counts. None where the file is not there. Throws `styles-unreadable`. */
export async function readStyles(path: string): Promise<PromptStyle[]> {
  const bytes = await readRegular(path, largest).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new PigmentError(
      'styles-unreadable',
      `"${path}" holds the styles and cannot be read. Make it readable, or take it away.`,
      { path },
      error,
    )
  })
  if (!bytes) return []
  const [head = [], ...rows] = csvRows(new TextDecoder().decode(bytes))
  const column = (...names: string[]): number => head.findIndex((name) => names.includes(name.trim().toLowerCase()))
  // The second names are those of A1111's first years.
  const [name, prompt, negative] = [column('name'), column('prompt', 'text'), column('negative_prompt', 'negative_text')]
  if (name < 0 || prompt < 0) {
    const sentence = `"${path}" should begin with the columns name,prompt,negative_prompt and begins with "${head.join(',').slice(0, 80)}". Write them there as A1111 does.`
    throw new PigmentError('styles-unreadable', sentence, { path, found: head.join(',').slice(0, 80) })
  }
  const styles = new Map<string, PromptStyle>()
  for (const row of rows) {
    const found = promptStyle.safeParse({ name: row[name], prompt: row[prompt] ?? '', negative: row[negative] ?? '' })
    if (found.success && !divider.test(found.data.name)) styles.set(found.data.name, found.data)
  }
  return [...styles.values()]
}

export function writeStyles(path: string, styles: readonly PromptStyle[]): Promise<void> {
  const rows = [['name', 'prompt', 'negative_prompt'], ...styles.map(({ name, prompt, negative }) => [name, prompt, negative])]
  const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  // The mark in front tells spreadsheets of UTF-8, as A1111's does.
  return writeFileAtomic(path, new TextEncoder().encode(`\ufeff${rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`))
}

/** Those with these names, in the order of the names. Throws `style-unknown`. */
export function stylesCalled(names: readonly string[], styles: readonly PromptStyle[]): PromptStyle[] {
  return names.map((name) => {
    const found = styles.find((one) => one.name === name) ?? styles.find((one) => one.name.toLowerCase() === name.trim().toLowerCase())
    if (found) return found
    const there = styles.map((one) => one.name).slice(0, 20)
    const rest =
      there.length > 0 ? `There are: ${there.join(', ')}.` : 'There is none yet: keep one with `styles save`, or bring A1111’s styles.csv.'
    throw new PigmentError('style-unknown', `There is no style "${name.slice(0, 80)}". ${rest}`, { name: name.slice(0, 80), there })
  })
}

/** A1111's merge_prompts: the prompt in place of `{prompt}`, or before the style. */
export const inStyle = (prompt: string, style: string): string =>
  style.includes('{prompt}') ? style.replaceAll('{prompt}', prompt) : [prompt.trim(), style.trim()].filter(Boolean).join(', ')

/** Cells in quotes may hold commas, line breaks and doubled quotes. */
function csvRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const end = (): void => {
    if (row.some((cell) => cell !== '')) rows.push(row)
    row = []
  }
  for (const [, quoted, plain = '', border] of text
    .replace(/^\ufeff/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*[^,\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (border !== ',') end()
  }
  return rows
}

let last: Promise<unknown> = Promise.resolve()

/** One change after another. Throws as `readStyles` does, and what the change throws. */
export function changeStyles(
  path: string,
  change: (styles: readonly PromptStyle[]) => readonly PromptStyle[],
): Promise<readonly PromptStyle[]> {
  const next = last.then(async () => {
    const styles = change(await readStyles(path))
    await writeStyles(path, styles)
    return styles
  })
  last = next.catch(() => undefined)
  return next
}
