// The whole host: stores, queue and worker processes behind one gate. Shells differ only in how they carry calls, events and bytes.
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Reply } from '../api/transport.ts'
import type { Envelope } from '../api/transport.ts'
import { assetPath } from '../places/asset-path.ts'
import { DatasetStore } from '../datasets/store.ts'
import { DatasetViews } from '../datasets/views.ts'
import { PausedRuns } from '../jobs/paused-runs.ts'
import { JobRecords } from '../jobs/records.ts'
import { Queue } from '../jobs/queue.ts'
import { JobRunner } from '../jobs/runner.ts'
import { Drops } from '../stores/drops.ts'
import { Gallery } from '../stores/gallery.ts'
import { Library } from '../stores/library.ts'
import { bringShipped } from '../stores/shipped.ts'
import { computeEnvironment } from '../studio/compute-environment.ts'
import { FoundModels } from '../stores/found-models.ts'
import { lockFile, lockFolder } from '../stores/lock.ts'
import { foldersElsewhere, sweepUnfinished } from '../stores/sweep-unfinished.ts'
import { MediaNames } from '../stores/media.ts'
import { Models } from '../stores/models.ts'
import { Tokens } from '../stores/tokens.ts'
import { publicHubs, realNetwork, type Network } from '../fetching/network.ts'
import { FetchService } from '../fetching/service.ts'
import { sweepStaging } from '../jobs/left-staging.ts'
import { preparePlaces } from '../places/places.ts'
import { SettingsStore } from '../stores/settings.ts'
import { TrainingPresets } from '../stores/training-presets.ts'
import { Trash } from '../stores/trash.ts'
import type { LaunchWorker } from '../processes/channel.ts'
import { forkWorkers } from '../processes/fork-worker.ts'
import { grace } from '../processes/vigil.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { ToolOperations } from '../operations/tools/index.ts'
import type { EngineProcess } from '../operations/workers.ts'
import { WorkerProcess } from '../processes/worker-process.ts'
import { Announcer } from '../processes/announcer.ts'
import { describeJob } from '../studio/describe-job.ts'
import { Devices } from '../processes/devices.ts'
import { commands } from '../commands/index.ts'
import { answersOf } from './answers.ts'
import { dispatcher } from './dispatch.ts'
import type { Parts } from '../studio/parts.ts'
import { mediaServer, type MediaServer } from './serve-media.ts'
import { browserShell, type Shell } from '../studio/shell.ts'
import { Tasks } from '../processes/tasks.ts'

export interface HostOptions {
  /** The data folder; one host at a time. */
  readonly folder: string
  readonly shell?: Shell
  readonly launch?: LaunchWorker
  /** Waiting jobs stay where they are: for a question or two. */
  readonly idle?: boolean
  /** Another network than the real one, and other hubs. */
  readonly network?: Partial<Network>
  readonly report?: (error: unknown, method: string) => void
}

export interface StudioHost {
  invoke(method: string, input: unknown): Promise<Reply>
  listen(listener: (envelope: Envelope) => void): () => void
  readonly media: MediaServer
  readonly drops: Drops
  readonly engine: EngineProcess
  /** Stops what runs, with its checkpoint, and gives the folder back. */
  close(): Promise<void>
}

const longestClosing = 30_000

const workerEntry = fileURLToPath(new URL('../worker.ts', import.meta.url))

/** Throws `already-running`, `not-writable`, `disk-full` and the like. */
export async function openHost({
  folder,
  shell = browserShell,
  launch: launchWorker = forkWorkers(workerEntry),
  idle = false,
  network = {},
  report,
}: HostOptions): Promise<StudioHost> {
  const places = await preparePlaces(folder)
  const unlock = await lockFolder(places.root)
  const announcer = new Announcer(report)
  // Asked at each start: what was installed or set meanwhile holds for the next process.
  const launch: LaunchWorker = (role) => launchWorker(role, computeEnvironment(places.root, settings.value))
  const tools = new WorkerProcess<ToolOperations>('tools', launch)
  const engine = new WorkerProcess<EngineOperations>('engine', launch, (state, restarts, error) =>
    announcer.announce('engine', { state, restarts, ...(error ? { error } : {}) }),
  )
  const [media, trash, drops, tasks] = [new MediaNames(), new Trash(places.trash), new Drops(places.drops), new Tasks(announcer)]
  const devices = new Devices(launch)
  const records = new JobRecords(places.jobs)
  const settings = await SettingsStore.open(places.root)
  const presets = await TrainingPresets.open(places.root)
  const models = await Models.open(places.root, tools)
  const tokens = new Tokens(places.root, shell.keeper)
  const fetching = new FetchService({ ...realNetwork(publicHubs(), (site) => tokens.get(site)), ...network })
  const found = await FoundModels.open(places.root, tools)
  const datasets = await DatasetStore.open({
    places,
    trash,
    tools,
    changed: (id, items) => {
      void (async () => {
        announcer.announce('datasets', { dataset: await views.summary(id), items })
      })().catch(() => undefined)
    },
  })
  const views = new DatasetViews({ datasets, media, models })
  const gallery = await Gallery.open(places.gallery, trash, media)
  const library = await Library.open({ folder: places.library, trash, media, tools, pictures: () => gallery.list() })
  const paused = new PausedRuns({ places, library, tools, announcer })
  const runner = new JobRunner({
    places,
    settings,
    tokens,
    datasets,
    views,
    library,
    gallery,
    models,
    fetching,
    devices,
    media,
    records,
    paused,
    engine,
    tools,
    announcer,
  })
  const queue = await Queue.open({
    folder: places.jobs,
    run: runner.run,
    changed(job, removed) {
      announcer.announce('jobs', { job: describeJob(job, queue, media), ...(removed ? { removed } : {}) })
      void paused.see(job, removed)
    },
  })
  const parts: Parts = {
    places,
    settings,
    presets,
    datasets,
    views,
    library,
    gallery,
    models,
    fetching,
    tokens,
    found,
    queue,
    records,
    paused,
    runner,
    media,
    drops,
    trash,
    tasks,
    devices,
    tools,
    engine,
    announcer,
    shell,
  }
  const invoke = dispatcher(answersOf(commands, parts), report)
  await Promise.all([drops.sweep(), trash.sweep(), sweepStaging(places, queue)])
  let closing = false
  const swept = sweepUnfinished(
    places.root,
    lockFile(places.root),
    foldersElsewhere(datasets.list(), settings.value.exportFolder),
    () => closing,
  )
  const takenIn = (async () => {
    await library.watch(({ changed, removed }) => {
      for (const adapter of changed) announcer.announce('library', { adapter })
      for (const adapter of removed) announcer.announce('library', { adapter, removed: true })
    })
    for (const adapter of await bringShipped(library, places.library, assetPath('adapters'))) announcer.announce('library', { adapter })
  })().catch((error: unknown) => void (closing || report?.(error, 'library')))
  for (const job of queue.list()) void paused.see(job)
  if (idle) queue.hold(true)
  queue.start()

  return {
    invoke,
    listen: (listener) => announcer.listen(listener),
    media: mediaServer(media, places.thumbnails, tools),
    drops,
    engine,
    async close() {
      closing = true
      tasks.stopAll()
      devices.close()
      // The engine may save what it has, at its own pace; who reads for it is given the grace.
      const late = setTimeout(() => tools.stop(), grace)
      await queue.close()
      clearTimeout(late)
      engine.stop()
      tools.stop()
      const written = (async () => {
        await Promise.all([takenIn, swept])
        await records.flush()
        await Promise.all([datasets.close(), library.close(), gallery.close(), models.close()])
      })()
      // A disk that went away answers nothing: what is still to be written there is not waited for without an end.
      try {
        await Promise.race([written, delay(longestClosing, undefined, { ref: false })])
      } finally {
        written.catch(() => undefined)
        await unlock()
      }
    },
  }
}
