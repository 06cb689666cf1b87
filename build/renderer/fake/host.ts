// A studio without stores, worker or engine: it answers at once, so that screens can be drawn in every state.
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Settings } from '../../../main/api/methods/settings.ts'
import type { Topic, TopicPayload } from '../../../main/api/topics.ts'
import type { Envelope } from '../../../main/api/transport.ts'
import { dispatcher } from '../../../main/host/dispatch.ts'
import type { StudioHost } from '../../../main/host/host.ts'
import { fakeApp, fakeFiles, fakeSettings } from './app.ts'
import { fakeCaptioning } from './captioning.ts'
import { fakeClash } from './clash.ts'
import { fakeCuda } from './cuda.ts'
import { fakeDatasets } from './datasets.ts'
import { fakeFetching, fakeTokens } from './fetching.ts'
import { nothingFound } from './found.ts'
import { fakeAnswers } from './handlers.ts'
import { fakeJobHandlers } from './jobs.ts'
import { fakeLibrary, fakeModels } from './library.ts'
import { fakeGallery, fakeGenerate } from './making.ts'
import { fakeMerging } from './merging.ts'
import { serveMedia } from './pictures.ts'
import { fakePrompts, fakeStyles } from './prompts.ts'
import { fakeRecipe } from './recipe.ts'
import { fakeTraining } from './training.ts'
import { fakeWorkers } from './workers.ts'

export interface FakeHostOptions {
  /** Nothing made, nothing added: every screen shows its empty state. */
  readonly empty?: boolean
  readonly settings?: Partial<Settings>
}
export interface FakeHost extends StudioHost {
  announce<T extends Topic>(topic: T, payload: TopicPayload<T>): void
}

export function fakeHost({ empty = false, settings = {} }: FakeHostOptions = {}): FakeHost {
  const listeners = new Set<(envelope: Envelope) => void>()
  let sequence = 0
  const announce: FakeHost['announce'] = (topic, payload) => {
    // The pair is one member of the union of envelopes.
    for (const listener of listeners) listener({ topic, sequence, payload } as Envelope)
    sequence++
  }
  const answers = fakeAnswers({
    app: fakeApp(empty),
    files: fakeFiles,
    datasets: fakeDatasets(empty),
    training: fakeTraining(empty),
    generate: fakeGenerate,
    gallery: fakeGallery(empty),
    library: fakeLibrary(empty),
    models: { ...fakeModels, ...(empty ? nothingFound : {}) },
    captioning: fakeCaptioning,
    clash: fakeClash,
    cuda: fakeCuda,
    merging: fakeMerging,
    prompts: fakePrompts,
    recipe: fakeRecipe,
    styles: fakeStyles(),
    jobs: fakeJobHandlers(empty),
    fetching: fakeFetching,
    tokens: fakeTokens,
    workers: fakeWorkers(),
    settings: fakeSettings(settings, (changed) => announce('settings', { settings: changed })),
  })
  return {
    invoke: dispatcher(answers),
    announce,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    media: (name) => serveMedia(name),
    // What is dropped on it is passed over, and nothing computes.
    drops: {
      open: () => Promise.resolve('drop'),
      receive: (_drop: string, _path: string, body: Readable) => finished(body.resume()),
    } as unknown as StudioHost['drops'],
    engine: {} as StudioHost['engine'],
    close: () => Promise.resolve(),
  }
}
