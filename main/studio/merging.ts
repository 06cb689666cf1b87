// Merges of the library: their forms as the operation takes them, and the cards of the methods.
import type { z } from 'zod'
import { mergeMethods } from '../../engine/merging/methods/index.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { mergeKinds, mergeRequest } from '../../engine/requests/merge.ts'
import { optionsOf } from '../../engine/requests/own-options.ts'
import type { mergeForm, MergeMethods, MergePreview } from '../api/methods/merging.ts'
import { filesOf } from '../jobs/merge-sources.ts'
import type { MergedAdapters } from '../operations/tools/merge-adapters.ts'
import type { Task } from '../processes/tasks.ts'
import type { Parts } from './parts.ts'

/** A layer of a large model takes its time. */
const patience = 30 * 60_000

export const mergeCards: MergeMethods = {
  methods: mergeKinds.flatMap((kind) =>
    mergeMethods
      .filter((method) => method.kind === kind)
      .map((method) => {
        const { name, title, sentence, source, rank } = method
        return { name, title, sentence, source, kind, rank, options: optionsOf(method, mergeRequest) }
      }),
  ),
  fields: fieldsOf(mergeRequest).filter(({ key }) => !key.startsWith('method')),
}

interface Written {
  readonly out?: string
  readonly title?: string
  /** Into a copy of the form's model. */
  readonly into?: boolean
  readonly precision?: 'fp32' | 'fp16' | 'bf16' | undefined
}

/** Merges adapters of the library: into a file where one is named, else for its report alone. */
export async function mergedOfLibrary(
  { library, models, tools }: Pick<Parts, 'library' | 'models' | 'tools'>,
  { sources, model: id, task: _task, ...request }: z.output<typeof mergeForm>,
  { signal, progress }: Task,
  { into, ...written }: Written = {},
): Promise<MergePreview & Pick<MergedAdapters, 'written'>> {
  const files = filesOf(sources, library)
  const model = id === undefined ? undefined : (await models.get(id)).path
  const given = { ...request, files, model, ...written, ...(into ? { into: model } : {}) }
  return tools.call('mergeAdapters', given, {
    signal,
    patience,
    onEvent(event) {
      if (event.type === 'step') progress(event.step, event.steps, 'merging')
      else if (event.type === 'prepare') progress(event.done, event.total, 'writing')
    },
  })
}
