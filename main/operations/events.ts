// What operations tell while they run.
import type { GenerateEvent } from '../../engine/requests/generate.ts'
import type { Reason } from '../../engine/requests/reason.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import type { ForgettingPoint } from '../api/methods/training.ts'

export type WarningEvent = Extract<GenerateEvent, { readonly type: 'warning' }>

/** One of many like steps; rate a second, seconds left. */
export type StepEvent = {
  readonly type: 'step'
  readonly label: string
  readonly step: number
  readonly steps: number
  readonly rate: number
  readonly eta: number
}

/** On what it computes, and what was passed over for it. */
type DeviceEvent = {
  readonly type: 'device'
  readonly device: string
  readonly skipped: readonly { readonly device: string; readonly reason: Reason | undefined }[]
}
/** Of opening a model. */
export type ModelEvent = WarningEvent | DeviceEvent

/** Of a training run with samples; `out` is the picture's file. */
export type TrainingEvent =
  | ModelEvent
  | TrainEvent
  | {
      readonly type: 'sampled'
      readonly step: number
      readonly prompt: string
      readonly promptIndex: number
      readonly seed: number
      readonly out: string
    }
  /** The weights of a step, as an adapter in a file. */
  | { readonly type: 'kept'; readonly step: number; readonly out: string }
  | ({
      readonly type: 'forgetting'
      /** A strip: the model alone above, under the adapter below. */ readonly out: string
    } & ForgettingPoint)

export interface DrawnPicture {
  readonly out: string
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly model: string
}
/** Of pictures being drawn; steps count over all of them. */
export type DrawingEvent =
  | ModelEvent
  | GenerateEvent
  | { readonly type: 'preview'; readonly step: number; readonly steps: number; readonly png: Uint8Array }
  | { readonly type: 'drawn'; readonly index: number; readonly picture: DrawnPicture }
  /** What there was of a picture when it was stopped, as a PNG with its settings; `skipped`: it alone was, and the next one is drawn. */
  | {
      readonly type: 'interrupted'
      readonly index: number
      readonly step: number
      readonly skipped: boolean
      readonly png: Uint8Array
      readonly picture: DrawnPicture
    }
