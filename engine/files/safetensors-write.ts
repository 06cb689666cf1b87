// Writing safetensors byte for byte as the reference does, so equal tensors give equal files and equal hashes.
import { PigmentError } from '../requests/error.ts'
import { elementCount } from '../tensor/tensor.ts'
import { writeFileAtomic } from './atomic.ts'
import { bitsOf, rankOf } from './safetensors-dtype.ts'

interface Described {
  readonly name: string
  /** The file's word for the element type: `F32`, `F16`, `BF16`, `I64` … */
  readonly dtype: string
  readonly shape: readonly number[]
}

export interface TensorToWrite extends Described {
  /** Little-endian, row-major. */
  readonly data: Uint8Array
}

/** A tensor whose bytes are fetched when its turn comes, so a checkpoint larger than memory can be written. */
export interface LazyTensorToWrite extends Described {
  readonly data: () => Promise<Uint8Array>
}

type Metadata = Readonly<Record<string, string>>

/** A whole file in memory: by descending element rank, then by name; metadata keeps the order it is given in. Throws `safetensors-write`. */
export function serializeSafetensors(tensors: readonly TensorToWrite[], metadata?: Metadata): Uint8Array {
  const ordered = writerOrder(tensors)
  const pieces = [headerOf(ordered, metadata), ...ordered.map((tensor) => checked(tensor, tensor.data))]
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.byteLength
  }
  return out
}

/** Writes a file that appears whole or not at all. Throws `safetensors-write`, `disk-full`, `not-writable` and the like. */
export async function writeSafetensors(
  path: string,
  tensors: readonly (TensorToWrite | LazyTensorToWrite)[],
  metadata?: Metadata,
): Promise<void> {
  const ordered = writerOrder(tensors)
  const header = headerOf(ordered, metadata)
  await writeFileAtomic(path, pieces())

  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield header
    for (const tensor of ordered) yield checked(tensor, tensor.data instanceof Uint8Array ? tensor.data : await tensor.data())
  }
}

/** Tensors in the order in which the reference stores them. */
export function writerOrder<T extends Described>(tensors: readonly T[]): readonly T[] {
  return tensors.toSorted((a, b) => rankOf(b.dtype) - rankOf(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
}

function headerOf(ordered: readonly Described[], metadata: Metadata | undefined): Uint8Array {
  const parts: string[] = []
  const seen = new Set(['__metadata__'])
  let end = 0
  if (metadata !== undefined && Object.keys(metadata).length > 0) parts.push(`"__metadata__":${JSON.stringify(metadata)}`)
  for (const tensor of ordered) {
    if (seen.has(tensor.name)) throw refused(tensor, 'the name is already taken in this file.')
    seen.add(tensor.name)
    const begin = end
    end += lengthOf(tensor)
    const fields = JSON.stringify({ dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] })
    parts.push(`${JSON.stringify(tensor.name)}:${fields}`)
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`)
  const length = Math.ceil(json.byteLength / 8) * 8
  const out = new Uint8Array(8 + length).fill(0x20)
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true)
  out.set(json, 8)
  return out
}

function lengthOf(tensor: Described): number {
  const bytes = ((bitsOf(tensor.dtype) ?? NaN) * elementCount(tensor.shape)) / 8
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw refused(tensor, `${tensor.dtype} [${tensor.shape.join(', ')}] is not a storable type and shape.`)
  return bytes
}

function checked(tensor: Described, data: Uint8Array): Uint8Array {
  if (data.byteLength === lengthOf(tensor)) return data
  throw refused(tensor, `${tensor.dtype} [${tensor.shape.join(', ')}] needs ${lengthOf(tensor)} bytes, got ${data.byteLength}.`)
}

function refused(tensor: Described, why: string): PigmentError {
  return new PigmentError('safetensors-write', `Cannot store tensor "${tensor.name}": ${why}`, {
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
  })
}
