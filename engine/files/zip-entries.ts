// Entries of zips from strangers: what makes one suspicious, and how one is unpacked without believing what its headers claim.
import { createWriteStream } from 'node:fs'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Entry } from 'yauzl'
import type { PigmentError } from '../requests/error.ts'

/** Each entry has a header of 30 bytes, its name and its data to itself: otherwise few bytes unpack to many files. */
export function overlap(entries: readonly Entry[]): boolean {
  const sorted = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)
  return sorted.some((entry, i) => {
    const next = sorted[i + 1]
    const end = entry.relativeOffsetOfLocalHeader + 30 + entry.fileNameLength + entry.compressedSize
    return next !== undefined && next.relativeOffsetOfLocalHeader < end
  })
}

/** Unix mode in the upper half of the external attributes. */
export function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
}

/** Writes an entry and gives the bytes that came out, which also count where a file of that name is there already. `seen` hears each piece. */
export async function inflate(
  from: Readable,
  target: string,
  allowed: number,
  signal: AbortSignal,
  refuse: () => PigmentError,
  seen: (piece: Buffer) => void = () => undefined,
): Promise<number> {
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.byteLength
      if (bytes > allowed) return next(refuse())
      seen(chunk)
      next(null, chunk)
    },
  })
  await pipeline(from, count, createWriteStream(target, { flags: 'wx', mode: 0o600 }), { signal }).catch((error: NodeJS.ErrnoException) => {
    // The same name twice: the first one stays.
    if (error.code !== 'EEXIST') throw error
  })
  return bytes
}
