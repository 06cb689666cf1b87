// What reads adapter files elsewhere: each program's rules of names and formulae, written from its own source, so that an export is judged by what
// others make of its bytes and not by what we would. One file of this folder each. O outputs, I inputs, R rank.
import type { Family } from '../checkpoint/config.ts'
import type { UNetLayout } from '../models/keys/ldm-unet.ts'
import type { Reason } from '../requests/reason.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A file of weights as it was written. */
export interface WrittenFile {
  /** From the folder of the export. */
  readonly name: string
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, Tensor>
  /** The parsed config beside it, where its format has one. */
  readonly config?: unknown
}

/** The layers of the base model. */
export interface ReaderBase {
  readonly family: Family
  readonly layout: UNetLayout
  /** Of every layer, norm and embedding, by `${component}.${path}` in diffusers' and Hugging Face's names. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
}

/** What a program adds to one weight. */
export type ReadChange =
  /** scale · up · down, with magnitudes as they stand in the file. */
  | { readonly kind: 'pair'; readonly up: Tensor; readonly down: Tensor; readonly scale: number; readonly magnitude?: Tensor }
  | { readonly kind: 'dense'; readonly delta: Float32Array }
  /** Added to the bias. */
  | { readonly kind: 'bias'; readonly by: Float32Array }
  /** Read, and dependent on the base's own weight. */
  | { readonly kind: 'of-base' }

export interface DroppedKey {
  readonly key: string
  readonly reason: Reason
}

export interface Reading {
  readonly layers: ReadonlyMap<string, readonly ReadChange[]>
  readonly dropped: readonly DroppedKey[]
  /** Nothing is loaded at all. */
  readonly refused?: Reason | undefined
  /** What a person should know although it loads. */
  readonly notes: readonly Reason[]
}

export interface AdapterReader {
  readonly name: string
  /** Of the program. */
  readonly title: string
  /** The formats of an export that are meant for it. */
  readonly formats: readonly string[]
  /** It only looks at the file: what it says of itself, and its hashes. */
  readonly looksOnly?: true
  read(files: readonly WrittenFile[], base: ReaderBase): Reading
}
