// What a file tells of a module beside the module's own tensors.
import type { Tensor } from '../tensor/tensor.ts'

export interface Source {
  /** PEFT's config of the network that the module is in, as it stands. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  /** A tensor that stands once for all modules, by its key; undefined where it is not there. */
  readonly shared: (key: string) => Promise<Tensor | undefined>
  /** The weights, (O, I, …), of all layers that the file has this variant on. */
  readonly weights: readonly (readonly number[])[]
}
