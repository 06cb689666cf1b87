// Adapters of the library as a merge takes them.
import type { z } from 'zod'
import type { mergeForm } from '../api/methods/merging.ts'
import type { LoraFile } from '../operations/picture-task.ts'
import type { Library } from '../stores/library.ts'

type Sources = z.output<typeof mergeForm>['sources']

/** Throws `adapter-unknown`. */
export const filesOf = (sources: Sources, library: Library): LoraFile[] =>
  sources.map(({ adapter, ...strength }) => ({ file: library.path(adapter), enabled: true, ...strength }))
