// A file as if none of its tensors were packed: those that are have their own shapes, and what stands beside them to say how is no tensor of its own.
import { PigmentError } from '../requests/error.ts'
import { quantisations } from './quantised/index.ts'
import type { Packed, Stored } from './quantised/quantisation.ts'
import { readBytes, readTensor, type SafetensorsFile } from './safetensors.ts'

/** Few and small: a stranger's file may hold as many as it has room for. */
const mostBeside = 4_000_000

/** Throws `safetensors-dtype` for a tensor that nobody can unpack. */
export async function unpacked(file: SafetensorsFile): Promise<SafetensorsFile> {
  const stored: Stored = {
    entries: file.entries,
    bytes: (name) => readBytes(file, name),
    values: async (name) => (await readTensor(file, name)).data,
  }
  const marks = new Set(quantisations.flatMap((one) => one.marks ?? []).filter((key) => file.entries.has(key)))
  const found = new Map<string, Packed>()
  for (const entry of file.entries.values())
    for (const quantisation of quantisations) {
      const packed = await quantisation.unpacked(entry, stored)
      if (packed === undefined) continue
      if ('no' in packed) throw refusal(file, entry.name, packed.no)
      const beside = packed.beside.reduce((sum, name) => sum + (file.entries.get(name)?.length ?? 0), 0)
      if (beside > Math.max(mostBeside, 4 * entry.length)) throw refusal(file, entry.name, 'what stands beside it is larger than it.')
      found.set(entry.name, packed)
      break
    }
  if (found.size === 0 && marks.size === 0) return file
  const inside = new Set([...marks, ...[...found.values()].flatMap(({ beside }) => beside)])
  const entries = new Map(
    [...file.entries].flatMap(([name, entry]) => {
      if (inside.has(name)) return []
      const packed = found.get(name)
      return [[name, packed ? { ...entry, dtype: 'F32', shape: packed.shape } : entry] as const]
    }),
  )
  return { ...file, entries, packed: found, inside }
}

function refusal({ path }: SafetensorsFile, name: string, why: string): PigmentError {
  return new PigmentError('safetensors-dtype', `"${path}": tensor "${name}" cannot be unpacked: ${why} Get the file in F16, BF16 or F32.`, {
    path,
    name,
  })
}
