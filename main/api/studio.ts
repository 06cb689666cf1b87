// The whole contract of the studio, and the typed calls over it.
import type { InputOf, MethodGroup, OutputOf } from './method.ts'
import { appMethods } from './methods/app.ts'
import { datasetMethods } from './methods/datasets.ts'
import { fileMethods } from './methods/files.ts'
import { galleryMethods } from './methods/gallery.ts'
import { generateMethods } from './methods/generate.ts'
import { jobMethods } from './methods/jobs.ts'
import { libraryMethods } from './methods/library.ts'
import { modelMethods } from './methods/models.ts'
import { settingsMethods } from './methods/settings.ts'
import { trainingMethods } from './methods/training.ts'
import type { Transport } from './transport.ts'

/** Every method by group. On the wire a method is called `group.name`. */
export const studio = {
  app: appMethods,
  files: fileMethods,
  datasets: datasetMethods,
  training: trainingMethods,
  generate: generateMethods,
  gallery: galleryMethods,
  library: libraryMethods,
  models: modelMethods,
  jobs: jobMethods,
  settings: settingsMethods,
} as const satisfies Readonly<Record<string, MethodGroup>>
export type Studio = typeof studio

type Calls<Group> = {
  readonly [Name in keyof Group]: {} extends InputOf<Group[Name]>
    ? (input?: InputOf<Group[Name]>) => Promise<OutputOf<Group[Name]>>
    : (input: InputOf<Group[Name]>) => Promise<OutputOf<Group[Name]>>
}
export type StudioCalls = { readonly [Group in keyof Studio]: Calls<Studio[Group]> }
export type StudioApi = StudioCalls & Pick<Transport, 'subscribe' | 'connection' | 'drop' | 'media'>

/** `api.datasets.list()`, `api.subscribe('jobs', …)` over any transport. */
export function createApi(transport: Transport): StudioApi {
  const calls = Object.entries(studio).map(([group, methods]) => {
    const own = Object.keys(methods).map((name) => [name, (input: unknown = {}) => transport.invoke(`${group}.${name}`, input)] as const)
    return [group, Object.fromEntries(own)] as const
  })
  return {
    // Each function takes and gives what its schema and type above say; the host checks the first.
    ...(Object.fromEntries(calls) as StudioCalls),
    subscribe: (topic, listener) => transport.subscribe(topic, listener),
    connection: (listener) => transport.connection(listener),
    drop: (files, progress) => transport.drop(files, progress),
    media: (media, side) => transport.media(media, side),
  }
}
