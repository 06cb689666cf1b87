// What the host is made of; each group of methods takes from it what it needs.
import type { DatasetStore } from '../datasets/store.ts'
import type { DatasetViews } from '../datasets/views.ts'
import type { FetchService } from '../fetching/service.ts'
import type { Tokens } from '../stores/tokens.ts'
import type { PausedRuns } from '../jobs/paused-runs.ts'
import type { JobRecords } from '../jobs/records.ts'
import type { Queue } from '../jobs/queue.ts'
import type { JobRunner } from '../jobs/runner.ts'
import type { Drops } from '../stores/drops.ts'
import type { Gallery } from '../stores/gallery.ts'
import type { Library } from '../stores/library.ts'
import type { MediaNames } from '../stores/media.ts'
import type { FoundModels } from '../stores/found-models.ts'
import type { Models } from '../stores/models.ts'
import type { Places } from '../places/places.ts'
import type { SettingsStore } from '../stores/settings.ts'
import type { TrainingPresets } from '../stores/training-presets.ts'
import type { Trash } from '../stores/trash.ts'
import type { EngineProcess, ToolsProcess } from '../operations/workers.ts'
import type { Announcer } from '../processes/announcer.ts'
import type { Devices } from '../processes/devices.ts'
import type { Shell } from './shell.ts'
import type { Tasks } from '../processes/tasks.ts'

export interface Parts {
  readonly places: Places
  readonly settings: SettingsStore
  readonly presets: TrainingPresets
  readonly datasets: DatasetStore
  readonly views: DatasetViews
  readonly library: Library
  readonly gallery: Gallery
  readonly models: Models
  readonly fetching: FetchService
  readonly tokens: Tokens
  readonly found: FoundModels
  readonly queue: Queue
  readonly records: JobRecords
  readonly paused: PausedRuns
  readonly runner: JobRunner
  readonly media: MediaNames
  readonly drops: Drops
  readonly trash: Trash
  readonly tasks: Tasks
  readonly devices: Devices
  readonly tools: ToolsProcess
  readonly engine: EngineProcess
  readonly announcer: Announcer
  readonly shell: Shell
}
