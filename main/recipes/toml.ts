// TOML as people write it: what it says, and where in its text each key stands, so that a fault is told with line and column.
import { parse, TomlError } from 'smol-toml'
import { PigmentError } from '../../engine/requests/error.ts'

export type Table = Readonly<Record<string, unknown>>
/** From 1, as editors count. */
export interface Place {
  readonly line: number
  readonly column: number
}
export interface TomlFile {
  readonly name: string
  readonly table: Table
  /** Of a key by its way from the top; of the nearest one above it where it stands inside a value. */
  place(path: readonly PropertyKey[]): Place
}

const mostBytes = 1 << 20

/** Throws `recipe-too-large`, `recipe-syntax`. */
export function readToml(text: string, name: string): TomlFile {
  if (text.length > mostBytes)
    throw new PigmentError('recipe-too-large', `"${name}" has more than a million letters, which no recipe has. Choose another file.`, {
      name,
    })
  const table = parsed(text.replace(/^\uFEFF/, ''), name)
  const places = placesIn(text)
  const place = (path: readonly PropertyKey[]): Place =>
    path.length === 0 ? { line: 1, column: 1 } : (places.get(pathKey(path)) ?? place(path.slice(0, -1)))
  return { name, table, place }
}

function parsed(text: string, name: string): Table {
  try {
    return plain(parse(text)) as Table
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column, message } = error
    const why = (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '')
    const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}. Mend this line; a text stands in quotes, and a switch is true or false.`
    throw new PigmentError('recipe-syntax', `"${name}", line ${line}, column ${column}: this is no TOML. ${sentence}`, {
      name,
      line,
      column,
      why,
    })
  }
}

/** Tables without a prototype are of no other kind than others. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
}

const pathKey = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String))

const quoted = String.raw`"(?:[^"\\]|\\.)*"|'[^']*'`
const part = String.raw`(?:${quoted}|[\w-]+)`
const dotted = String.raw`${part}(?:\s*\.\s*${part})*`
const header = new RegExp(String.raw`^\s*(\[\[?)\s*(${dotted})\s*\]\]?`)
const assignment = new RegExp(String.raw`^(\s*)(${dotted})\s*=\s*`)

/** A look at the lines that the parser has accepted: tables and keys are told by how they begin. */
function placesIn(text: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const counts = new Map<string, number>()
  let at: readonly string[] = []
  let open = ''
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (open !== '') {
      open = stillOpen(open, line)
      continue
    }
    const [, brackets, table] = header.exec(line) ?? []
    if (brackets !== undefined && table !== undefined) {
      const path = parts(table)
      // Of tables in a list the last one is meant, and this begins the next.
      const within = path.flatMap((_, n) => {
        const key = pathKey(path.slice(0, n + 1))
        if (brackets === '[[' && n === path.length - 1) counts.set(key, (counts.get(key) ?? -1) + 1)
        const count = counts.get(key)
        return [path[n] ?? '', ...(count === undefined ? [] : [String(count)])]
      })
      if (brackets === '[[') for (const key of counts.keys()) if (isBelow(key, path)) counts.delete(key)
      at = within
      places.set(pathKey(at), { line: i + 1, column: line.indexOf('[') + 1 })
      continue
    }
    const [whole, before = '', key] = assignment.exec(line) ?? []
    if (whole === undefined || key === undefined) continue
    places.set(pathKey([...at, ...parts(key)]), { line: i + 1, column: before.length + 1 })
    open = stillOpen('', line.slice(whole.length))
  }
  return places
}

const isBelow = (key: string, path: readonly string[]): boolean => {
  const other = JSON.parse(key) as string[]
  return other.length > path.length && path.every((one, i) => one === other[i])
}

const parts = (path: string): string[] =>
  [...path.matchAll(new RegExp(part, 'g'))].map(([word]) => (/^["']/.test(word) ? word.slice(1, -1) : word))

/** What a value leaves open at the end of a line: `"""`, `'''`, or a list by its brackets. */
function stillOpen(open: string, line: string): string {
  let [now, rest] = [open, line]
  while (rest !== '') {
    if (now === '"""' || now === "'''") {
      const end = rest.indexOf(now)
      if (end < 0) return now
      ;[now, rest] = ['', rest.slice(end + 3)]
      continue
    }
    const token = new RegExp(String.raw`^(?:"""|'''|${quoted}|#.*$|[\[\]{}]|[^"'#\[\]{}]+|.)`).exec(rest)?.[0] ?? rest
    rest = rest.slice(token.length)
    if (token === '"""' || token === "'''") now = token
    else if (token === '[' || token === '{') now += token
    else if (token === ']' || token === '}') now = now.slice(0, -1)
  }
  return now
}
