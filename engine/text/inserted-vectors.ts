// Vectors that stand at positions of a text encoder's input in place of those of its vocabulary.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { EmbeddedRow, Embedding } from './embedding.ts'

/** A table of vectors, and for every position which of them stands there. */
export interface Inserted {
  /** (1 + R, D): row 0 is nobody's, so that the table is never empty. */
  readonly table: Tensor
  /** Row of the table for each position, 0 where the token's own vector stays. */
  readonly rows: BigInt64Array
}

/** Nothing stands in place of a token, at any of so many positions. */
export const nothingInserted = (width: number, positions: number): Inserted => ({
  table: { shape: [1, width], data: new Float32Array(width) },
  rows: new BigInt64Array(positions),
})

/** The vectors that one encoder takes of an embedding, by its name in such files; a file that names none, or one by another name, has only one. */
export function vectorsFor({ vectors }: Embedding, encoder: string): Tensor | undefined {
  const all = Object.values(vectors)
  return vectors[encoder] ?? (all.length === 1 ? all[0] : undefined)
}

/** Collects the vectors of one run; each stands in the table once. */
export class InsertedVectors implements Inserted {
  readonly rows: BigInt64Array
  readonly #encoder: string
  readonly #width: number
  /** First row of each embedding. */
  readonly #places = new Map<Embedding, number>()
  readonly #parts: Tensor[] = []
  #next = 1

  constructor(encoder: string, width: number, positions: number) {
    this.#encoder = encoder
    this.#width = width
    this.rows = new BigInt64Array(positions)
  }

  get table(): Tensor {
    const data = new Float32Array(this.#next * this.#width)
    let at = this.#width
    for (const part of this.#parts) {
      data.set(part.data, at)
      at += elementCount(part.shape)
    }
    return { shape: [this.#next, this.#width], data }
  }

  put(position: number, { embedding, row }: EmbeddedRow): void {
    this.rows[position] = BigInt((this.#places.get(embedding) ?? this.#enter(embedding)) + row)
  }

  #enter(embedding: Embedding): number {
    const vectors = vectorsFor(embedding, this.#encoder)
    // What does not fit a model is taken out before a prompt is read.
    if (vectors?.shape[1] !== this.#width) throw new Error(`"${embedding.file}" has no vectors for ${this.#encoder}.`)
    const first = this.#next
    this.#places.set(embedding, first)
    this.#parts.push(vectors)
    this.#next += vectors.shape[0] ?? 0
    return first
  }
}
