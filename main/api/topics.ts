// What the host announces. Events announce; who needs the full state calls for it.
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { GenerateEvent } from '../../engine/requests/generate.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import type { MediaId } from './shapes.ts'
import type { DatasetSummary } from './methods/datasets.ts'
import type { GalleryPicture } from './methods/gallery.ts'
import type { JobLine, JobSummary } from './methods/jobs.ts'
import type { AdapterCard } from './methods/library.ts'
import type { Settings } from './methods/settings.ts'
import type { RunForgetting, RunSample } from './methods/training.ts'

export type JobEvent =
  | TrainEvent
  | GenerateEvent
  | { readonly type: 'device'; readonly device: string }
  | { readonly type: 'sample'; readonly sample: RunSample }
  | { readonly type: 'forgetting'; readonly point: RunForgetting }
  /** The weights of this step can be taken into the library. */
  | { readonly type: 'kept-step'; readonly step: number }
  | { readonly type: 'picture'; readonly picture: GalleryPicture; readonly index: number; readonly count: number }
  | ({ readonly type: 'log' } & JobLine)

export interface Topics {
  /** A job came, changed its state or its place. `removed` when it left the history. */
  readonly jobs: { readonly job: JobSummary; readonly removed?: boolean }
  /** What a running job reports. `index` counts the events of this job, so that one seen in `jobs.get` is not shown twice. */
  readonly job: { readonly id: string; readonly index: number; readonly event: JobEvent }
  /** The picture as it is now, while it is being sampled. */
  readonly preview: { readonly job: string; readonly step: number; readonly steps: number; readonly media: MediaId }
  /** Captions, pictures or settings of a data set changed, here or from outside. */
  readonly datasets: { readonly dataset: DatasetSummary; readonly items: readonly string[] | 'all'; readonly removed?: boolean }
  readonly library: { readonly adapter: AdapterCard; readonly removed?: boolean }
  readonly models: { readonly id: string; readonly removed?: boolean }
  readonly gallery: { readonly picture: GalleryPicture; readonly removed?: boolean }
  readonly settings: { readonly settings: Settings }
  /** Progress of a long command, by the `task` that its caller chose. */
  readonly task: { readonly task: string; readonly done: number; readonly total: number; readonly what: string }
  /** The process that computes. `stopped` is by intent; `crashed` tells why, and it starts again by itself. */
  readonly engine: { readonly state: 'starting' | 'ready' | 'crashed' | 'stopped'; readonly restarts: number; readonly error?: ErrorRecord }
  /** A menu of the window asks for something, e.g. `palette`, `settings`, `open-file`. */
  readonly menu: { readonly action: string; readonly argument?: string }
}
export type Topic = keyof Topics
export type TopicPayload<T extends Topic> = Topics[T]

export const topics = [
  'jobs',
  'job',
  'preview',
  'datasets',
  'library',
  'models',
  'gallery',
  'settings',
  'task',
  'engine',
  'menu',
] as const satisfies readonly Topic[]
