// The JSON of a safetensors header. JSON.parse would keep the last of two equal keys in silence, round large integers and let
// `__proto__` through, so the header has its own reader: objects become maps, and only what a header may hold is accepted.
// What it holds is counted as it is read: a few megabytes of "{}" would otherwise take hundreds in memory before anybody looked.

/** Objects are maps; numbers are whole, not negative, and below 2⁵³. */
export type HeaderValue = string | number | readonly HeaderValue[] | ReadonlyMap<string, HeaderValue>

/** Why and where (character offset) the text was refused. */
export class HeaderJsonError extends Error {
  readonly at: number
  readonly duplicate: string | undefined
  constructor(message: string, at: number, duplicate?: string) {
    super(message)
    this.at = at
    this.duplicate = duplicate
  }
}

// { name → { field → [ … ] } }: nothing in a header lies deeper.
const deepest = 3
/** The one object inside the header that describes no tensor. */
export const metadataKey = '__metadata__'
/** A description has three fields and a list at most eight numbers; what a stranger adds to them is passed over, but not without end. */
const most = { fields: 16, listed: 64, keyLength: 1000 } as const

/** Parses a whole text with at most so many tensors, and as many entries of metadata. Throws HeaderJsonError. */
export function parseHeaderJson(text: string, tensors: number): HeaderValue {
  let at = 0

  const fail = (message: string): never => {
    throw new HeaderJsonError(message, at)
  }

  const skipSpace = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  }

  const take = (expected: string): boolean => {
    skipSpace()
    if (text.charAt(at) !== expected) return false
    at++
    return true
  }

  const string = (): string => {
    if (!take('"')) fail('expected a string')
    const start = at
    let escaped = false
    for (; ; at++) {
      const code = text.charCodeAt(at)
      if (at >= text.length) fail('a string does not end')
      if (code < 0x20) fail('a control character in a string')
      if (code === 0x22) break
      if (code === 0x5c) {
        escaped = true
        at++
      }
    }
    const raw = text.slice(start, at++)
    const value = escaped ? unescape(raw) : raw
    return value?.isWellFormed() ? value : fail('an invalid escape in a string')
  }

  const number = (): number => {
    const digits = /(?:0|[1-9]\d*)(?![\d.eE])/y
    digits.lastIndex = at
    const found = digits.exec(text)?.[0]
    if (found === undefined) return fail('expected a whole number, a string, an array or an object')
    const value = Number(found)
    if (!Number.isSafeInteger(value)) fail(`the number ${found.slice(0, 40)} is too large`)
    at += found.length
    return value
  }

  const object = (depth: number, name: string): ReadonlyMap<string, HeaderValue> => {
    const [limit, what] =
      depth === 0 ? [tensors + 1, 'tensors'] : name === metadataKey ? [tensors, 'entries of metadata'] : [most.fields, 'fields of a tensor']
    const out = new Map<string, HeaderValue>()
    if (take('}')) return out
    do {
      skipSpace()
      const start = at
      const key = string()
      if (key.length > most.keyLength) fail(`a name of ${key.length} characters; at most ${most.keyLength} are allowed`)
      if (out.size >= limit) fail(`more than ${limit} ${what}`)
      if (out.has(key)) throw new HeaderJsonError(`the key "${key.slice(0, 200)}" stands twice`, start, key)
      if (!take(':')) fail('expected ":"')
      out.set(key, value(depth + 1, key))
    } while (take(','))
    if (!take('}')) fail('expected "," or "}"')
    return out
  }

  const array = (depth: number): readonly HeaderValue[] => {
    const out: HeaderValue[] = []
    if (take(']')) return out
    do {
      if (out.length >= most.listed) fail(`a list of more than ${most.listed} numbers`)
      out.push(value(depth + 1))
    } while (take(','))
    if (!take(']')) fail('expected "," or "]"')
    return out
  }

  const value = (depth: number, name = ''): HeaderValue => {
    skipSpace()
    const open = text.charAt(at)
    if (open === '"') return string()
    if (open !== '{' && open !== '[') return number()
    if (depth >= deepest) fail('it is nested too deeply')
    at++
    return open === '{' ? object(depth, name) : array(depth)
  }

  const parsed = value(0)
  skipSpace()
  if (at < text.length) fail('something follows the header object')
  return parsed
}

function unescape(raw: string): string | undefined {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return undefined
  }
}
