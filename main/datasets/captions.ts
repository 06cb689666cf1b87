// Captions on disk: changed only where the file is still what the person saw.
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { readSidecar } from '../../engine/datasets/sidecar.ts'
import { PigmentError } from '../../engine/requests/error.ts'

const mostBytes = 2 ** 20

/**
 * Writes a caption. `expected` is the version that the writer saw; another one on disk is a `caption-conflict` with the facts `theirs` and
 * `version`, unless it says what that writer `sent` last and has not heard of. A file that cannot be read is not written over.
 */
export async function writeCaption(sidecar: string, caption: string, expected: string, sent?: string): Promise<void> {
  const { version, caption: theirs, problem } = await readSidecar(sidecar)
  if (version === 'unreadable' && problem) throw new PigmentError(problem.code, problem.message, { ...problem.facts })
  if (version !== expected && (sent === undefined || theirs !== asOneLine(sent)))
    throw new PigmentError(
      'caption-conflict',
      `"${basename(sidecar)}" was changed elsewhere meanwhile. Look at both and choose one; nothing was overwritten.`,
      { theirs, mine: caption, version },
    )
  await write(sidecar, `${asOneLine(caption)}\n`)
}

const asOneLine = (caption: string): string => caption.replace(/[\r\n]+/g, ' ').trim()

/** Back to what it was: a text, or no file at all (`null`). */
export async function restoreCaption(sidecar: string, content: string | null): Promise<void> {
  if (content === null) await rm(sidecar, { force: true })
  else await write(sidecar, content)
}

const write = (sidecar: string, text: string): Promise<void> =>
  writeFileAtomic(sidecar, new TextEncoder().encode(text), { replaceLink: true })

/** The whole file as it is, or null. */
export async function wholeFile(sidecar: string): Promise<string | null> {
  return readRegular(sidecar, mostBytes).then(
    (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    () => null,
  )
}
