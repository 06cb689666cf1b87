// Text from strangers (metadata, captions, file names) for a terminal: nothing in it may move the cursor, colour, or reorder what a person reads.

// C0 without newline and tab, DEL, C1 (U+009B begins an escape sequence in 8-bit terminals), and the marks that turn the writing direction.
const dangerous = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
const lineBreaks = /[\n\t]/g

/** Dangerous characters as visible escapes, e.g. `\x1b`. Line breaks stay. */
export function plainText(text: string): string {
  return text.replace(dangerous, escaped)
}

/** The same on one line of at most `limit` characters. */
export function plainLine(text: string, limit = 200): string {
  const characters = Array.from(plainText(text.slice(0, 4 * limit)).replace(lineBreaks, escaped))
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`
}

/** One record on one line of JSON that is harmless in a terminal too; parsing gives the same value. */
export function jsonLine(record: unknown): string {
  return JSON.stringify(record, jsonSafe).replace(dangerous, (c) => `\\u${hex(c, 4)}`)
}

function jsonSafe(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>)
  return value
}

function escaped(c: string): string {
  if (c === '\n') return '\\n'
  if (c === '\t') return '\\t'
  return c.charCodeAt(0) < 256 ? `\\x${hex(c, 2)}` : `\\u${hex(c, 4)}`
}

function hex(c: string, digits: number): string {
  return c.charCodeAt(0).toString(16).padStart(digits, '0')
}
