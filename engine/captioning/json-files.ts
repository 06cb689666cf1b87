// JSON beside a model, as its author wrote it.
import { basename } from 'node:path'
import { fileError } from '../files/file-error.ts'
import { readRegular } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'

export type Table = Readonly<Record<string, unknown>>
const mostBytes = 64 * 2 ** 20

export const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value)

export async function readText(path: string): Promise<string> {
  const bytes = await readRegular(path, mostBytes).catch((error: unknown) => {
    throw error instanceof PigmentError ? error : fileError(error, path, 'read')
  })
  return new TextDecoder().decode(bytes)
}

/** Throws `captioner-file`, and why the file cannot be read. */
export async function readJson(path: string): Promise<Table> {
  const text = await readText(path)
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (cause) {
    throw captionerFile(path, 'it is not JSON', cause)
  }
  if (!isTable(read)) throw captionerFile(path, 'it holds no table of settings')
  return read
}

export const captionerFile = (path: string, reason: string, cause?: unknown): PigmentError =>
  new PigmentError(
    'captioner-file',
    `"${basename(path)}" of the captioner cannot be used: ${reason}. Copy it again from where the model was published.`,
    { name: basename(path), path, reason },
    cause,
  )
