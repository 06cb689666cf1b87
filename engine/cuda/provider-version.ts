// The version of the runtime that a provider library was built for. Nothing in its headers tells it: it stands among its texts, by itself.
import { createReadStream } from 'node:fs'
import { regularFile } from '../files/regular-file.ts'

const overlap = 32

/** `bound` where it is of that version, another one where it names another, null where it names none. */
export async function providerVersion(path: string, bound: string): Promise<string | null> {
  await regularFile(path)
  const wanted = Buffer.from(`\0${bound}\0`, 'latin1')
  let other: string | null = null
  let before: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 22 }) as AsyncIterable<Buffer>) {
    const piece = Buffer.concat([before, chunk])
    if (piece.includes(wanted)) return bound
    other ??= firstVersion(piece)
    before = piece.subarray(Math.max(0, piece.length - overlap))
  }
  return other
}

/** Three numbers between zero bytes, of which there is one in a provider library. */
function firstVersion(piece: Buffer): string | null {
  for (let at = piece.indexOf('\x001.'); at >= 0; at = piece.indexOf('\x001.', at + 1)) {
    const version = /^\0(1\.\d+\.\d+)\0/.exec(piece.toString('latin1', at, at + 16))?.[1]
    if (version) return version
  }
  return null
}
