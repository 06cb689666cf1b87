// What tells one set of weights from another of the same sizes, without reading gigabytes: every tensor's name, type and shape, the whole of a small
// one, and four blocks of a large one. Whatever trains or merges a network changes nearly all of its numbers, so some of these too; a change of
// single numbers between the blocks stays unseen.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { fileError } from '../files/file-error.ts'
import { openRegular } from '../files/regular-file.ts'
import type { Network } from '../checkpoint/config.ts'

const wholeUpTo = 64 * 1024
const blocks = 4
const blockBytes = 4096

/** SHA-256 over the configuration of a network and its weights as described above. Names and places of files do not count. */
export async function fingerprint({ config, weights }: Network<unknown>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config))
  const handles = new Map<string, FileHandle>()
  try {
    for (const [key, { file, dtype, shape, offset, length, transposed = false }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${key} ${dtype} ${shape.join(',')} ${transposed}\n`)
      const handle = handles.get(file) ?? (await openRegular(file))
      handles.set(file, handle)
      for (const [at, size] of samples(length)) {
        const block = new Uint8Array(size)
        const { bytesRead } = await handle.read(block, 0, size, offset + at)
        hash.update(block.subarray(0, bytesRead))
      }
    }
  } catch (error) {
    throw fileError(error, [...weights.values()][0]?.file ?? '', 'read')
  } finally {
    for (const handle of handles.values()) await handle.close()
  }
  return hash.digest('hex')
}

/** Offset and size of what is read of a tensor: all of a small one, else blocks from the first byte to the last. */
export function samples(length: number): [at: number, size: number][] {
  if (length <= wholeUpTo) return [[0, length]]
  return Array.from({ length: blocks }, (_, i) => [Math.floor((i * (length - blockBytes)) / (blocks - 1)), blockBytes])
}
