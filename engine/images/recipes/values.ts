// JSON of strangers, value by value.
import { parsePythonJson } from '../../files/python-json.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object that a text is, if it is one. */
export function parsedObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined || !/^\s*\{/.test(text)) return undefined
  try {
    const value = parsePythonJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A number, or a text that is one, as A1111's line has it. */
export function numeral(value: unknown): string | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? String(number) : undefined
}

export const words = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** `styles\ink.safetensors` is called `ink`. */
export const fileStem = (path: string): string => (path.split(/[\\/]/).at(-1) ?? '').replace(/\.(safetensors|ckpt|pt|bin)$/i, '')

/** The entries that say something. */
export const told = (entries: readonly (readonly [string, string | undefined])[]): ReadonlyMap<string, string> =>
  new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
