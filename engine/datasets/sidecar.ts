// Captions in text files beside the pictures.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { systemLimit } from '../files/file-error.ts'
import { readRegular } from '../files/regular-file.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../requests/error.ts'

const MAX_CAPTION_BYTES = 64 * 1024

export interface Sidecar {
  /** What the file holds, in few letters; `none` where there is no file, `unreadable` where it cannot be told. */
  readonly version: string
  /** Its lines as one, as musubi-tuner and CLIP's tokenizer take them. Empty when the file is. */
  readonly caption: string
  readonly problem?: ErrorRecord
}

/** Reads a caption file, once. Whatever is wrong with it becomes its problem: `caption-unreadable`, `caption-too-long`, `caption-encoding`. */
export async function readSidecar(path: string): Promise<Sidecar> {
  let version = 'unreadable'
  try {
    const bytes = await readRegular(path, MAX_CAPTION_BYTES)
    version = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    return { version, caption: captionIn(bytes, basename(path)) }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { version: 'none', caption: '' }
    return { version, caption: '', problem: errorRecord(problemOf(path, cause)) }
  }
}

/** The text of a caption file. Throws `caption-encoding`. */
function captionIn(bytes: Uint8Array, name: string): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || bytes.includes(0)
  if (utf16) throw problem('caption-encoding', name, 'is UTF-16', 'Save it as UTF-8.')
  try {
    // The decoder drops a byte order mark.
    return joinLines(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw problem('caption-encoding', name, 'is not UTF-8', 'Open it in a text editor and save it as UTF-8.', cause)
  }
}

/** A caption of several lines as one. */
export const joinLines = (text: string): string =>
  text
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')

function problemOf(path: string, cause: unknown): PigmentError {
  const { code, facts } = cause as Partial<PigmentError>
  const name = basename(path)
  if (code === 'caption-encoding') return cause as PigmentError
  if (code === 'file-over-limit')
    return problem(
      'caption-too-long',
      name,
      `has ${String(facts?.bytes)} bytes`,
      `A caption may have ${MAX_CAPTION_BYTES}. Shorten it.`,
      cause,
    )
  if (code === 'not-a-file' || code === 'EISDIR')
    return problem('caption-unreadable', name, 'is not a file', 'Replace it with a text file.', cause)
  return systemLimit(cause, path) ?? problem('caption-unreadable', name, 'cannot be read', 'Check that you may read it.', cause)
}

function problem(code: string, name: string, what: string, advice: string, cause?: unknown): PigmentError {
  return new PigmentError(code, `The caption file "${name}" ${what}. ${advice}`, { name }, cause)
}
