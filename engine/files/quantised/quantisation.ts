// What a way of packing a tensor's numbers is, where other tensors of the file stand beside it and say how: one a file. Reading asks all of them; nothing
// else of the engine knows that a tensor was packed.
import type { SafetensorsEntry } from '../safetensors-header.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** A file's tensors as they are stored. */
export interface Stored {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>
  bytes(name: string): Promise<Uint8Array>
  /** As fp32, of any type that has plain values. */
  values(name: string): Promise<Float32Array>
}

export interface Packed {
  /** How, for a person. */
  readonly how: string
  readonly shape: readonly number[]
  /** Names of the tensors beside it. */
  readonly beside: readonly string[]
  read(): Promise<Tensor>
}

export interface Quantisation {
  readonly name: string
  /** Undefined for a tensor that is not packed so; `no`, a sentence, for one that cannot be unpacked. Reads what is beside it where that tells. */
  unpacked(entry: SafetensorsEntry, file: Stored): Promise<Packed | { readonly no: string } | undefined>
  /** Tensors of the file that only say that it is packed so. */
  readonly marks?: readonly string[]
}
