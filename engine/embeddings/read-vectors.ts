// Vectors from a file of strangers: floats, finite, as many rows for every encoder, and few enough for one chunk of a prompt.
import { readTensor, type SafetensorsFile } from '../files/safetensors.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Embedding } from '../text/embedding.ts'

/** Tokens of CLIP's between begin and end. */
export const mostVectors = 75
const mostShown = 60

export const shown = (name: string): string => JSON.stringify(name.slice(0, mostShown))

export function broken(file: string, why: string, facts: Record<string, unknown> = {}): PigmentError {
  return new PigmentError('embedding-broken', `The embedding in "${file}" cannot be used: ${why} Get another copy of the file.`, {
    path: file,
    reason: why,
    ...facts,
  })
}

/** The vectors of one embedding from its tensors, by encoder. Throws `embedding-broken`. */
export async function readVectors(file: SafetensorsFile, parts: ReadonlyMap<string, string>): Promise<Embedding['vectors']> {
  const read = await Promise.all([...parts].map(async ([encoder, key]) => [encoder, await vectorsIn(file, key)] as const))
  const counts = new Set(read.map(([, { shape }]) => shape[0]))
  if (counts.size > 1) {
    const told = [...parts].map(([, key], i) => `${shown(key)} has ${read[i]?.[1].shape[0]}`).join(', ')
    throw broken(file.path, `its encoders take equally many vectors, but ${told}.`)
  }
  return Object.fromEntries(read)
}

/** (D) is one vector. */
async function vectorsIn(file: SafetensorsFile, key: string): Promise<Tensor> {
  const { shape = [], dtype = '' } = file.entries.get(key) ?? {}
  const [rows = 0, width = 0] = shape.length === 1 ? [1, ...shape] : shape
  const facts = { key, shape }
  if (shape.length === 0 || shape.length > 2 || rows === 0 || width === 0)
    throw broken(file.path, `${shown(key)} is [vectors, width] with at least one vector, got [${shape.join(', ')}].`, facts)
  if (rows > mostVectors)
    throw broken(file.path, `${shown(key)} has ${rows} vectors, and a chunk of a prompt has room for ${mostVectors}.`, facts)
  if (!/^(F64|F32|F16|BF16|F8_\w+)$/.test(dtype))
    throw broken(file.path, `${shown(key)} is stored as ${dtype}, and vectors are floats.`, facts)
  const { data } = await readTensor(file, key)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw broken(file.path, `${shown(key)} holds ${data[bad]} at position ${bad}: the training it comes from diverged.`, facts)
  return { shape: [rows, width], data }
}
