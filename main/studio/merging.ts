// Merges of the library: their forms as the operation takes them, and the cards of the methods.
import { mergeMethods } from '../../engine/merging/methods/index.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { mergeKinds, mergeRequest } from '../../engine/requests/merge.ts'
import { optionsOf } from '../../engine/requests/own-options.ts'
import type { z } from 'zod'
import type { mergeForm, MergeMethods, MergePreview } from '../api/methods/merging.ts'
import { filesOf } from '../jobs/merge-sources.ts'
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

/** Merges adapters of the library: into a file where one is named, else for its report alone. */
export async function mergedOfLibrary(
  { library, models, tools, tasks }: Pick<Parts, 'library' | 'models' | 'tools' | 'tasks'>,
  { sources, model, task, ...request }: z.output<typeof mergeForm>,
  written: { readonly out?: string; readonly title?: string } = {},
): Promise<MergePreview> {
  const files = filesOf(sources, library)
  const base = model === undefined ? undefined : (await models.get(model)).path
  return tasks.run(task, async ({ signal, progress }) => {
    const { written: _written, ...told } = await tools.call(
      'mergeAdapters',
      { ...request, files, model: base, ...written },
      { signal, patience, onEvent: (event) => event.type === 'step' && progress(event.step, event.steps, 'merging') },
    )
    return told
  })
}
