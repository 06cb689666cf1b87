// Any result of a command as lines for a person: names and values, nested ones indented, lists of records as tables.
import { byteSize } from '../../engine/requests/byte-size.ts'
import { isReason, toldReason } from '../../engine/requests/reason.ts'
import { plainLine } from './plain-text.ts'
import { duration, quantity } from './units.ts'

const mostRows = 40

/** A result as text. Everything in it is taken for hostile. */
export function present(result: unknown): string {
  return linesOf(result, '').join('\n')
}

function linesOf(value: unknown, key: string): string[] {
  if (Array.isArray(value)) return listLines(value)
  if (isRecord(value)) return recordLines(value)
  return [scalar(value, key)]
}

function recordLines(record: Readonly<Record<string, unknown>>): string[] {
  const shown = Object.entries(record).filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...shown.filter(([, value]) => !isNested(value)).map(([key]) => title(key).length))
  return cap(
    shown.flatMap(([key, value]) => {
      if (!isNested(value)) return [`${title(key).padEnd(width)}  ${inline(value, key)}`]
      return [title(key), ...linesOf(value, key).map((line) => `  ${line}`)]
    }),
    shown.length,
  )
}

function listLines(list: readonly unknown[]): string[] {
  if (!list.every(isRecord))
    return cap(
      list.map((item) => scalar(item, '')),
      list.length,
    )
  const columns = [...new Set(list.flatMap((row) => Object.keys(row)))].toSorted(
    (a, b) => Number(isWide(list, a)) - Number(isWide(list, b)),
  )
  const rows = [columns.map(title), ...list.slice(0, mostRows).map((row) => columns.map((column) => inline(row[column] ?? '', column)))]
  const widths = columns.map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)))
  const table = rows.map((row) => row.map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0))).join('  '))
  return list.length > mostRows ? [...table, `… and ${list.length - mostRows} more`] : table
}

/** Long texts stand last, where they need no padding. */
function isWide(list: readonly Readonly<Record<string, unknown>>[], column: string): boolean {
  return list.some((row) => typeof row[column] === 'string' && row[column].length > 60)
}

function cap(lines: readonly string[], count: number): string[] {
  return count > mostRows ? [...lines.slice(0, mostRows), `… and ${count - mostRows} more (--json shows all)`] : [...lines]
}

/** A reason is one text here. */
const isRecord = (value: unknown): value is Record<string, unknown> =>
  !isReason(value) && typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes lines of its own. */
function isNested(value: unknown): boolean {
  if (isRecord(value)) return Object.keys(value).length > 0
  return Array.isArray(value) && value.some((item) => isRecord(item) || isReason(item) || String(item).length > 24)
}

function inline(value: unknown, key: string): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((item) => scalar(item, key)).join(', ')
  return isRecord(value) ? (Object.keys(value).length === 0 ? 'none' : plainLine(JSON.stringify(value))) : scalar(value, key)
}

function scalar(value: unknown, key: string): string {
  if (typeof value === 'number') {
    if (/bytes$/i.test(key)) return byteSize(value)
    if (/^seconds$|[a-z]Seconds$/.test(key)) return duration(value)
    if (/fraction$/i.test(key)) return `${quantity(value * 100)} %`
    return quantity(value)
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null || value === undefined) return '–'
  if (isReason(value)) return plainLine(toldReason(value), 1000)
  return plainLine(typeof value === 'string' ? value : JSON.stringify(value))
}

/** `sizeBytes` → `size`, `stepsPerSecond` → `steps per second`; keys that are not ours stay as they are. */
function title(key: string): string {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(key)) return plainLine(key, 60)
  return key.replace(/Bytes$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
