// What a training run reports. Plain data.
import type { WatchEvent } from './watch-events.ts'

export type TrainEvent =
  | WatchEvent
  | {
      readonly type: 'prepare'
      readonly stage: 'dataset' | 'latents' | 'captions' | 'graph'
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | {
      readonly type: 'start'
      readonly step: number
      /** 0 where a clock ends it. */
      readonly steps: number
      readonly trainable: number
      readonly total: number
      readonly pictures: number
    }
  | {
      readonly type: 'step'
      readonly step: number
      /** All that it will make; where a clock ends it, as many as are foreseen. */
      readonly steps: number
      readonly loss: number
      readonly lr: number
      readonly gradNorm: number
      /** What the method tells of the step beside its loss, by name. */
      readonly others?: Readonly<Record<string, number>>
      /** Steps a second over the last steps, seconds left, resident memory in bytes. */
      readonly rate: number
      readonly eta: number
      readonly memory: number
    }
  /** A checkpoint is about to be written, which may take a while. */
  | { readonly type: 'saving'; readonly step: number }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  /** It stands still after this step, with everything that it has in memory; and goes on from there. */
  | { readonly type: 'paused'; readonly step: number }
  | { readonly type: 'resumed'; readonly step: number }
  | { readonly type: 'done'; readonly step: number; readonly seconds: number }
