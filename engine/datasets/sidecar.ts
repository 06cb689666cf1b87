// Captions in text files beside the pictures.
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { systemLimit } from '../files/file-error.ts'
import { PigmentError } from '../spec/error.ts'

const MAX_CAPTION_BYTES = 64 * 1024

/** The caption in a sidecar: its first line, as kohya reads it. Empty when the file is. */
export async function readSidecar(path: string): Promise<string> {
  const name = basename(path)
  const fail = (code: string, what: string, advice: string, cause?: unknown): never => {
    throw systemLimit(cause, path) ?? new PigmentError(code, `The caption file "${name}" ${what}. ${advice}`, { name }, cause)
  }
  const size = await stat(path).then(
    (file) => (file.isFile() ? file.size : fail('caption-unreadable', 'is not a file', 'Replace it with a text file.')),
    (cause: unknown) => fail('caption-unreadable', 'cannot be read', 'Check that you may read it.', cause),
  )
  if (size > MAX_CAPTION_BYTES) fail('caption-too-long', `has ${size} bytes`, `A caption may have ${MAX_CAPTION_BYTES}. Shorten it.`)
  const bytes = await readFile(path)
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || bytes.includes(0)
  if (utf16) fail('caption-encoding', 'is UTF-16', 'Save it as UTF-8.')
  let text = ''
  try {
    // The decoder drops a byte order mark.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    fail('caption-encoding', 'is not UTF-8', 'Open it in a text editor and save it as UTF-8.', cause)
  }
  return (text.trim().split(/\r\n|\r|\n/, 1)[0] ?? '').trim()
}
