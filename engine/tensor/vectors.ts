// Flat vectors of numbers by whose bytes a run goes on: in memory, or where parts of them are read and written one after the other.

export type Vector = Float32Array | Float64Array | Uint8Array

const arrays = { F32: Float32Array, F64: Float64Array, U8: Uint8Array } as const
/** Element types, as safetensors calls them. */
export type VectorType = keyof typeof arrays

/** Numbers that are read as they are wanted, such as those of a checkpoint. */
export interface VectorSource {
  readonly type: VectorType
  readonly length: number
  /** Copies of the numbers [from, to). */
  read(from: number, to: number): Vector | Promise<Vector>
}

/** Numbers that lie elsewhere than in memory, such as in a file of pages. */
export interface VectorStore extends VectorSource {
  /** From a place on. */
  write(from: number, values: Vector): void | Promise<void>
}

/** Of one read, so that a vector that is larger than memory is copied. */
const pieceBytes = 2 ** 20

export const vectorTypes = Object.keys(arrays) as readonly VectorType[]
export const vectorBytes = (type: VectorType): number => arrays[type].BYTES_PER_ELEMENT

/** A vector over little-endian bytes, copied only where their address does not suit it. */
export function vectorOver(type: VectorType, bytes: Uint8Array): Vector {
  const size = vectorBytes(type)
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  return new arrays[type](buffer as ArrayBuffer, byteOffset, byteLength / size)
}

export function vectorType(vector: Vector): VectorType {
  return vector instanceof Float32Array ? 'F32' : vector instanceof Float64Array ? 'F64' : 'U8'
}

/** A vector in memory, read and written like any other. */
export function storeOf(vector: Vector): VectorStore {
  return {
    type: vectorType(vector),
    length: vector.length,
    read: (from, to) => vector.slice(from, to),
    write: (from, values) => vector.set(values, from),
  }
}

export const sourceOf = (of: Vector | VectorSource): VectorSource => (ArrayBuffer.isView(of) ? storeOf(of) : of)

/** Its bytes in memory order, piece by piece. */
export async function* piecesOf(source: VectorSource, from = 0, to = source.length): AsyncGenerator<Vector> {
  const most = pieceBytes / vectorBytes(source.type)
  for (let at = from; at < to; at += most) yield await source.read(at, Math.min(to, at + most))
}

/** Copies the numbers from a place on until `into` is full. */
export async function copyVector(source: VectorSource, from: number, into: VectorStore): Promise<void> {
  let at = 0
  for await (const piece of piecesOf(source, from, from + into.length)) {
    await into.write(at, piece)
    at += piece.length
  }
}

/** All of it in memory, as fp32. */
export async function floatsOf(source: VectorSource): Promise<Float32Array> {
  const values = new Float32Array(source.length)
  await copyVector(source, 0, storeOf(values))
  return values
}

/** Several of equal length behind each other; nothing is copied. */
export function joinedSource(sources: readonly VectorSource[]): VectorSource {
  const [first = storeOf(new Float32Array(0))] = sources
  const { type, length: size } = first
  return {
    type,
    length: size * sources.length,
    async read(from, to) {
      const all = new arrays[type](to - from)
      for (const [k, source] of sources.entries()) {
        const [begin, end] = [Math.max(from - k * size, 0), Math.min(to - k * size, size)]
        if (begin < end) all.set(await source.read(begin, end), k * size + begin - from)
      }
      return all
    },
  }
}
