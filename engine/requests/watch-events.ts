// What a training run tells of how it goes, beside its steps. Plain data, for terminals, screens and records alike.
import type { Reason } from './reason.ts'

/** Losses of one measurement: means of the loss of the run, without its weights, over pictures at fixed noise. */
export type ValidationPoint = {
  /** 0: the model before the first step. */
  readonly step: number
  /** Of pictures that are not trained on. */
  readonly heldOut: number
  /** Of as many that are. */
  readonly trained: number
  /** `trained` − `heldOut`, less what it was before the first step where that was measured: below 0, the more is known by heart. */
  readonly gap: number
  readonly levels: readonly { readonly timestep: number; readonly heldOut: number; readonly trained: number }[]
}

/** A picture of the set by its last draws: its loss over what is usual at the same noise, so that 1 is usual. */
export type PictureLoss = {
  readonly path: string
  readonly loss: number
  readonly draws: number
}

export type WatchEvent =
  | ({ readonly type: 'validation' } & ValidationPoint)
  /** It stops: so many measurements in a row were no better than that of step `best`. */
  | { readonly type: 'plateau'; readonly step: number; readonly best: number; readonly measurements: number }
  | {
      readonly type: 'diagnostics'
      readonly step: number
      /** By block (`BASE`, `IN00` … `OUT11`, and `other`): ‖g‖ before it is limited, and ‖Δθ‖ / ‖θ‖ of this step. */
      readonly blocks: readonly { readonly block: string; readonly gradNorm: number; readonly update: number }[]
    }
  | {
      readonly type: 'rank-use'
      readonly step: number
      /** Means over layers: the rank, and how many singular values of ΔW take part in it, (Σσ²)² / Σσ⁴. */
      readonly rank: number
      readonly used: number
      readonly layers: readonly { readonly layer: string; readonly block: string; readonly rank: number; readonly used: number }[]
    }
  /** The pictures that are learnt worst, the worst first. */
  | { readonly type: 'picture-losses'; readonly step: number; readonly pictures: readonly PictureLoss[] }
  | ({ readonly type: 'recommendation' } & Recommendation)

/** Which of a run's measured steps to take. */
export type Recommendation = {
  readonly step: number
  /** Of the run, as far as it went. */
  readonly last: number
  readonly reason: Reason
  /** On held-out pictures: there, at the last step, and before the first where that was measured. */
  readonly heldOut: number
  readonly heldOutLast: number
  readonly heldOutBefore?: number
}
