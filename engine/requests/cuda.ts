// What CUDA needs on this machine, what of it is here and what is missing: plain data for every shell.
import type { Reason } from './reason.ts'

export interface CudaCard {
  readonly name: string
  /** E.g. `8.6`; null where nothing here could tell. */
  readonly capability: string | null
  readonly memoryBytes: number | null
}

export interface CudaLibrary {
  /** As the loader asks for it. */
  readonly name: string
  /** As people know it, e.g. `cuDNN`. */
  readonly title: string
  readonly version: string | null
  /** Where it would be loaded from: Pigment's own folder, one that the system's loader searches, or one that it does not (a toolkit). */
  readonly where: 'installed' | 'system' | 'toolkit' | 'missing'
  readonly path: string | null
  /** Nothing that Pigment computes asks for it. */
  readonly optional: boolean
}

export interface CudaState {
  /** E.g. `linux-x64`. */
  readonly system: string
  /** Version of the runtime that the program is bound to. */
  readonly runtime: string
  /** Everything is here; whether it computes correctly the self-test says. */
  readonly ready: boolean
  /** Nothing can be installed here, as the first problem says. */
  readonly impossible: boolean
  /** In the order in which they are to be mended. */
  readonly problems: readonly Reason[]
  readonly cards: readonly CudaCard[]
  readonly driver: string | null
  /** CUDA's major version, by what the provider library asks for. */
  readonly cuda: number | null
  readonly provider: { readonly version: string | null; readonly path: string } | null
  readonly libraries: readonly CudaLibrary[]
  readonly installed: { readonly folder: string; readonly bytes: number; readonly whole: boolean } | null
}
