// Models that other programs keep on this machine: read where they are, and never changed.
import type { ErrorRecord } from '../../../engine/requests/error.ts'

/** `other`: a part of a model, or what is of no use by itself. */
export type FoundKind = 'checkpoint' | 'vae' | 'adapter' | 'embedding' | 'other'

export interface FoundModel {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly place: string
  readonly kind: FoundKind
  /** '' where its header does not tell. */
  readonly family: string
  /** The family for a person, or those that it fits; what kind of model it is where it is of none that is opened here. */
  readonly title: string
  readonly bytes: number
  readonly side?: number
  readonly parameters?: number
  /** Why it cannot be used. */
  readonly problem?: ErrorRecord
  /** Somebody still writes it: it is read when it is still. */
  readonly growing?: true
  /** In the list of models, as this one. */
  readonly model?: string
  /** The folder with which an adapter or an embedding comes into the library, until it is watched. */
  readonly watch?: string
}

export interface FoundPlace {
  readonly id: string
  /** Of the program that it is a folder of; '' for a folder that a person named. */
  readonly program: string
  readonly title: string
  readonly folder: string
  readonly count: number
  /** Why it cannot be read now: what was found there before is shown all the same. */
  readonly error?: ErrorRecord
  /** It holds more than is looked at. */
  readonly cut?: true
}

export interface FoundModels {
  readonly places: readonly FoundPlace[]
  readonly models: readonly FoundModel[]
  /** When it was looked at last, in milliseconds; null: never. */
  readonly at: number | null
}

/** What models take on this machine, in bytes, by the forecast: to draw one picture of their usual size, to train rank 16 with batch 1. */
export interface ModelMemories {
  readonly total: number
  readonly of: Readonly<Record<string, { readonly generate: number; readonly train: number }>>
}
