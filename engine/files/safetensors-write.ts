// Writing safetensors byte for byte as the reference does, so equal tensors give equal files and equal hashes.
import { createHash } from 'node:crypto'
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

/** A tensor that is written piece by piece, so that not even one has to be in memory whole. */
export interface StreamedTensorToWrite extends Described {
  readonly pieces: () => AsyncIterable<Uint8Array>
}

type AnyTensorToWrite = TensorToWrite | LazyTensorToWrite | StreamedTensorToWrite
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

/**
 * Writes a file that appears whole or not at all. `hashed` is metadata made of the SHA-256 of all that follows the header, as hex digits.
 * Throws `safetensors-write`, `disk-full`, `not-writable` and the like.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly AnyTensorToWrite[],
  metadata?: Metadata,
  hashed?: (contentHash: string) => Metadata,
): Promise<void> {
  const ordered = writerOrder(tensors)
  const header = (contentHash: string): Uint8Array => headerOf(ordered, hashed ? { ...metadata, ...hashed(contentHash) } : metadata)
  const hash = createHash('sha256')
  await writeFileAtomic(path, pieces(), hashed ? { beginning: () => header(hash.digest('hex')) } : {})

  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield header('0'.repeat(64))
    for (const tensor of ordered)
      for await (const piece of piecesOf(tensor)) {
        if (hashed) hash.update(piece)
        yield piece
      }
  }
}

/** A whole file piece by piece, in the order and with the bytes of `serializeSafetensors`. Throws `safetensors-write`. */
export async function* safetensorsPieces(tensors: readonly AnyTensorToWrite[]): AsyncGenerator<Uint8Array> {
  const ordered = writerOrder(tensors)
  yield headerOf(ordered, undefined)
  for (const tensor of ordered) yield* piecesOf(tensor)
}

async function* piecesOf(tensor: AnyTensorToWrite): AsyncGenerator<Uint8Array> {
  if ('data' in tensor) {
    yield checked(tensor, tensor.data instanceof Uint8Array ? tensor.data : await tensor.data())
    return
  }
  let bytes = 0
  for await (const piece of tensor.pieces()) {
    bytes += piece.byteLength
    yield piece
  }
  checkLength(tensor, bytes)
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
  checkLength(tensor, data.byteLength)
  return data
}

function checkLength(tensor: Described, bytes: number): void {
  if (bytes === lengthOf(tensor)) return
  throw refused(tensor, `${tensor.dtype} [${tensor.shape.join(', ')}] needs ${lengthOf(tensor)} bytes, got ${bytes}.`)
}

function refused(tensor: Described, why: string): PigmentError {
  return new PigmentError('safetensors-write', `Cannot store tensor "${tensor.name}": ${why}`, {
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
  })
}
