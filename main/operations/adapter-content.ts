// What an adapter holds, as a digest that its metadata, its name and the order of its tensors do not change: the same tensors are the same adapter.
import { createHash, type Hash } from 'node:crypto'
import type { AdapterFile } from '../../engine/adapter-formats/format.ts'
import { openRegular } from '../../engine/files/regular-file.ts'
import type { SafetensorsEntry } from '../../engine/files/safetensors.ts'

/** A file with no more bytes of tensors is read whole. */
const small = 1 << 20
const samples = 64
const sampleBytes = 4096
const chunk = 1 << 20

/**
 * Of names, types and shapes, and of 4 KB each from the middle of 64 tensors: found without reading the file, to know one again that was renamed.
 * Two that agree are the same for all but a file that was made to deceive; `wholeContent` is sure.
 */
export const sampledContent = (files: readonly AdapterFile[]): Promise<string> =>
  digest(files, (sorted) => {
    const filled = sorted.filter(({ length }) => length > 0)
    if (filled.reduce((sum, { length }) => sum + length, 0) <= small) return filled
    const step = Math.max(1, filled.length / samples)
    return Array.from({ length: Math.min(samples, filled.length) }, (_, i) => middleOf(filled[Math.floor(i * step)] as SafetensorsEntry))
  })

/** Of everything but metadata. */
export const wholeContent = (files: readonly AdapterFile[]): Promise<string> =>
  digest(files, (sorted) => sorted.filter(({ length }) => length > 0))

type Part = Pick<SafetensorsEntry, 'offset' | 'length'>

const middleOf = ({ offset, length }: Part): Part => {
  const wanted = Math.min(length, sampleBytes)
  return { offset: offset + Math.floor((length - wanted) / 2), length: wanted }
}

async function digest(files: readonly AdapterFile[], partsOf: (sorted: readonly SafetensorsEntry[]) => readonly Part[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const sorted = [...file.entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    // The config of a folder holds the scale, which is a part of what it does.
    hash.update(JSON.stringify([file.component ?? '', file.config ?? null, sorted.map(({ name, dtype, shape }) => [name, dtype, shape])]))
    await addParts(hash, file.path, partsOf(sorted))
  }
  return hash.digest('hex').slice(0, 32)
}

async function addParts(hash: Hash, path: string, parts: readonly Part[]): Promise<void> {
  await using handle = await openRegular(path)
  const buffer = new Uint8Array(chunk)
  for (const { offset, length } of parts)
    for (let at = 0; at < length;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunk, length - at), offset + at)
      // One that was cut off meanwhile is looked at again when it is still.
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
}
