// Base models, by reference: nothing is copied.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { Reason } from '../../../engine/requests/reason.ts'
import { id, method, none, path } from '../method.ts'

export interface ModelCard {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly embedded: boolean
  readonly family: string
  readonly layout: string
  readonly prediction: string
  readonly bytes: number
  readonly parameters: number
  readonly side: number
  /** To generate one picture of its usual size; to train with rank 16 and batch 1. */
  readonly memoryBytes: { readonly generate: number; readonly train: number }
  /** By what it was recognised. */
  readonly recognised: readonly Reason[]
  /** Why it cannot be used now. */
  readonly error?: ErrorRecord
}

export const modelMethods = {
  list: method<readonly ModelCard[]>()(none),
  /** Looks without adding. Throws the engine's reason. */
  inspect: method<ModelCard>()(z.strictObject({ path })),
  add: method<ModelCard>()(z.strictObject({ path })),
  /** Forgets it; the file stays. */
  remove: method<void>()(z.strictObject({ model: id })),
}
