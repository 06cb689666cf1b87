// Captions on disk: changed only where the file is still what the person saw.
import { readFile, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { readSidecar } from '../../engine/datasets/sidecar.ts'
import { PigmentError } from '../../engine/spec/error.ts'
import { versionOf } from './scan.ts'

/**
 * Writes a caption and gives its version. `expected` is the version that the writer saw; another one on disk is a `caption-conflict`
 * with the facts `theirs` and `version`. Lines after the first, which training does not read, stay.
 */
export async function writeCaption(sidecar: string, caption: string, expected: string): Promise<string> {
  const version = await versionOf(sidecar)
  if (version !== expected) {
    const theirs = version === 'none' ? '' : await readSidecar(sidecar).catch(() => '')
    throw new PigmentError(
      'caption-conflict',
      `"${basename(sidecar)}" was changed elsewhere meanwhile. Look at both and choose one; nothing was overwritten.`,
      { theirs, mine: caption, version },
    )
  }
  const line = caption.replace(/[\r\n]+/g, ' ').trim()
  const rest = version === 'none' ? '' : await laterLines(sidecar)
  await writeFileAtomic(sidecar, new TextEncoder().encode(`${line}\n${rest}`))
  return versionOf(sidecar)
}

/** Back to what it was: a text, or no file at all (`null`). */
export async function restoreCaption(sidecar: string, content: string | null): Promise<void> {
  if (content === null) await rm(sidecar, { force: true })
  else await writeFileAtomic(sidecar, new TextEncoder().encode(content))
}

/** The whole file as it is, or null. */
export async function wholeFile(sidecar: string): Promise<string | null> {
  return readFile(sidecar, 'utf8').catch(() => null)
}

async function laterLines(sidecar: string): Promise<string> {
  const text = ((await wholeFile(sidecar)) ?? '').replace(/^\uFEFF/, '').trimStart()
  const end = text.search(/\r\n|\r|\n/)
  return end < 0 ? '' : text.slice(end).replace(/^(\r\n|\r|\n)/, '')
}
