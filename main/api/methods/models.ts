// Base models, by reference: nothing is copied.
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { Reason } from '../../../engine/requests/reason.ts'

export interface ModelCard {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly embedded: boolean
  readonly family: string
  /** Of the text that its cross-attention hears; 0: not known. */
  readonly width: number
  readonly layout: string
  readonly prediction: string
  readonly bytes: number
  readonly parameters: number
  readonly side: number
  /** By what it was recognised. */
  readonly recognised: readonly Reason[]
  /** Why it cannot be used now. */
  readonly error?: ErrorRecord
}
