// The pictures by which a merge is judged: each adapter alone, all as a stack, and what they became, with the same seeds.
import type { z } from 'zod'
import { generateRequest } from '../../engine/requests/generate.ts'
import { mergeMethods } from '../../engine/merging/methods/index.ts'
import type { generateForm } from '../api/methods/generate.ts'
import type { mergeChoice } from '../api/methods/merging.ts'
import type { GridTask } from '../operations/engine/grid.ts'
import type { LoraFile } from '../operations/picture-task.ts'
import type { Library } from '../stores/library.ts'
import { filesOf } from './merge-sources.ts'
import { requestOf } from './stack.ts'

export interface MergeTrial {
  readonly form: z.output<typeof generateForm>
  readonly merge: z.output<typeof mergeChoice>
  readonly seeds: readonly number[]
}

/** `merged`: the file of the result. */
export function mergeCells(
  { form, merge, seeds }: MergeTrial,
  library: Library,
  merged: string,
): Pick<GridTask, 'cells' | 'columns' | 'rows'> {
  const files = filesOf(merge.sources, library)
  const triggers = merge.sources.flatMap(({ adapter }) => library.triggersOf(adapter))
  const method = mergeMethods.find(({ name }) => name === merge.method)?.title ?? merge.method
  const alone = files.map((file, i) => ({
    label: `${library.titleOf(merge.sources[i]?.adapter ?? '')} · ${file.weight}`,
    loras: [file],
  }))
  // One adapter is its own stack.
  const stack = files.length > 1 ? [{ label: alone.map(({ label }) => label).join(' + '), loras: files }] : []
  const result: LoraFile = { file: merged, weight: 1, enabled: true, triggers }
  const columns = [...alone, ...stack, { label: `= ${method}`, loras: [result] }]
  const cells = seeds.map((seed) => columns.map(({ loras }) => ({ request: generateRequest.parse({ ...requestOf(form), seed }), loras })))
  return { cells, columns: columns.map(({ label }) => label), rows: seeds.map((seed) => `Seed ${seed}`) }
}
