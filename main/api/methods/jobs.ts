// The queue: one for training and generating, on disk, in the order it runs.
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { JobEvent } from '../topics.ts'
import type { MediaId } from '../shapes.ts'

/** `interrupted`: the process that ran it died; it can be resumed. `paused`: a person stopped it; it can be resumed. */
export const jobStates = ['queued', 'running', 'pausing', 'paused', 'interrupted', 'cancelling', 'cancelled', 'failed', 'done'] as const
export type JobState = (typeof jobStates)[number]

/** On this machine, or by workers of the queue that Settings name. */
export const runPlaces = ['here', 'workers'] as const
export type RunPlace = (typeof runPlaces)[number]

/** How it stands with a job that workers do. */
export interface JobElsewhere {
  /** As it may be shown. */
  readonly queue: string
  /** Who works on it; null where it waits for a worker. */
  readonly worker: string | null
  /** The queue does not answer now. What a worker does goes on, and is heard of when it is back. */
  readonly away: boolean
}

/** What is done before the first step; `done` of `total` pictures, captions or, where one, of the whole. */
export interface Preparing {
  readonly stage: 'files' | 'model' | 'dataset' | 'latents' | 'captions' | 'graph'
  readonly done: number
  readonly total: number
}

export interface JobSummary {
  readonly id: string
  readonly kind: 'train' | 'generate' | 'grid' | 'merge' | 'race' | 'fetch' | 'caption'
  readonly title: string
  readonly state: JobState
  /** Place in the queue from 0 on; null once it has begun. */
  readonly place: number | null
  readonly step: number
  readonly steps: number
  /** What `step` and `steps` count, where it is no steps. */
  readonly counts?: 'bytes' | 'pictures'
  /** Seconds left by the engine's own reckoning, where it runs and has made a step. */
  readonly eta: number | null
  /** While it runs and has not come to its steps. */
  readonly preparing: Preparing | null
  /** It is paused with its model in memory: it goes on at once, and pictures are drawn on that. */
  readonly loaded?: boolean
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly cover?: MediaId
  readonly error?: ErrorRecord
  /** Where other machines do it. */
  readonly elsewhere?: JobElsewhere
}
export interface JobLine {
  readonly at: number
  readonly level: 'info' | 'warning' | 'error'
  /** In English; screens choose words by the code where there is one. */
  readonly text: string
  readonly code?: string
  readonly facts?: Readonly<Record<string, unknown>>
}
export interface JobDetails extends JobSummary {
  readonly log: readonly JobLine[]
  /** Number of events so far: `job` events with an index below it are already in here. */
  readonly events: number
  /** The last event of each kind, so that a reloaded window shows at once what runs. */
  readonly latest: readonly JobEvent[]
}
