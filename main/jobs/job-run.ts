// What a kind of job works with: the stores, the engine, and who hears of the job.
import type { JobEvent } from '../api/topics.ts'
import type { DatasetStore } from '../datasets/store.ts'
import type { DatasetViews } from '../datasets/views.ts'
import type { FetchService } from '../fetching/service.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { Machinery } from '../operations/machinery.ts'
import type { EngineProcess, ToolsProcess } from '../operations/workers.ts'
import type { Announcer } from '../processes/announcer.ts'
import type { Caller } from '../processes/caller.ts'
import type { Devices } from '../processes/devices.ts'
import type { OperationEvent, OperationInput, OperationOutput } from '../processes/operation.ts'
import type { RunningCall } from '../processes/worker-process.ts'
import type { Places } from '../places/places.ts'
import type { Gallery } from '../stores/gallery.ts'
import type { Library } from '../stores/library.ts'
import type { MediaNames } from '../stores/media.ts'
import type { Models } from '../stores/models.ts'
import type { SettingsStore } from '../stores/settings.ts'
import type { Tokens } from '../stores/tokens.ts'
import type { JobState } from './job-state.ts'
import type { PausedRuns } from './paused-runs.ts'
import type { JobRecords } from './records.ts'
import type { AtTurn } from './turns.ts'

export interface RunnerOptions {
  readonly places: Places
  readonly settings: SettingsStore
  readonly tokens: Tokens
  readonly datasets: DatasetStore
  readonly views: DatasetViews
  readonly library: Library
  readonly gallery: Gallery
  readonly models: Models
  readonly fetching: FetchService
  readonly devices: Devices
  readonly media: MediaNames
  readonly records: JobRecords
  readonly paused: PausedRuns
  readonly engine: EngineProcess
  readonly tools: ToolsProcess
  readonly announcer: Announcer
}

type Name = keyof EngineOperations

/** A job that runs. */
export interface JobRun extends RunnerOptions {
  readonly job: JobState
  /** Where it keeps what it makes but for pictures. */
  readonly folder: string
  /** Where it keeps what is on its way here from the network. */
  readonly staging: string
  readonly signal: AbortSignal
  readonly turn: AtTurn
  readonly update: (part: Partial<JobState>) => void
  /** Records the event and tells everyone. */
  readonly tell: (event: JobEvent) => void
  /** Who computes it: the engine process, or workers elsewhere. */
  readonly caller: Caller<EngineOperations>
  /** On what the settings want it computed. */
  machinery(): Promise<Machinery>
  /** Sends it to who computes it, where a person's words reach it too. */
  start<Of extends Name>(
    operation: Of,
    task: OperationInput<EngineOperations[Of]>,
    onEvent: (event: OperationEvent<EngineOperations[Of]>) => void,
  ): RunningCall<OperationOutput<EngineOperations[Of]>>
}
