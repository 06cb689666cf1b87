// Reading the config.json files of others: every field is optional, and one of the wrong kind is an error, never a guess.
import { PigmentError } from '../requests/error.ts'
import { fileError } from '../files/file-error.ts'
import { parsePythonJson } from '../files/python-json.ts'
import { readRegular } from '../files/regular-file.ts'

/** Settings of a model have some kilobytes. */
const largest = 16 * 2 ** 20

/** One JSON object, with its fields by kind. null counts as absent, and so does what is no number. */
export class JsonSettings {
  readonly path: string
  readonly fields: Readonly<Record<string, unknown>>
  constructor(path: string, fields: Readonly<Record<string, unknown>>) {
    this.path = path
    this.fields = fields
  }

  number(name: string): number | undefined {
    return this.#read(name, 'a number', (value) => typeof value === 'number' && Number.isFinite(value))
  }
  /** A size: whole and at least one. */
  whole(name: string): number | undefined {
    return this.#read(name, 'a whole number above 0', isWhole)
  }
  wholes(name: string): number[] | undefined {
    return this.#read(name, 'a list of whole numbers above 0', (value) => Array.isArray(value) && value.length > 0 && value.every(isWhole))
  }
  string(name: string): string | undefined {
    return this.#read(name, 'a text', (value) => typeof value === 'string')
  }
  boolean(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value) => typeof value === 'boolean')
  }
  isSet(name: string): boolean {
    return (this.fields[name] ?? null) !== null
  }
  isList(name: string): boolean {
    return Array.isArray(this.fields[name])
  }

  #read<T>(name: string, expected: string, fits: (value: unknown) => boolean): T | undefined {
    const value = this.fields[name] ?? undefined
    if (value === undefined) return undefined
    if (fits(value)) return value as T
    throw new PigmentError(
      'config-invalid',
      `"${this.path}": "${name}" should be ${expected}, got ${JSON.stringify(value)}. The folder may be damaged; get it again.`,
      { path: this.path, field: name, got: JSON.stringify(value) },
    )
  }
}

const isWhole = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value > 0

/** The JSON object in a file. Throws `file-not-found` or `config-invalid`. */
export async function readSettings(path: string): Promise<JsonSettings> {
  const text = await readRegular(path, largest).then(
    (bytes) => new TextDecoder().decode(bytes),
    (error: unknown) => {
      throw fileError(error, path, 'read')
    },
  )
  let value: unknown
  try {
    value = parsePythonJson(text)
  } catch (error) {
    throw new PigmentError('config-invalid', `"${path}" is not valid JSON. The folder may be damaged; get it again.`, { path }, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PigmentError('config-invalid', `"${path}" should hold one JSON object. The folder may be damaged; get it again.`, { path })
  return new JsonSettings(path, value as Record<string, unknown>)
}
