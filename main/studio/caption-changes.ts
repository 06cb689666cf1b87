// What an edit of many captions would change.
import type { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { CaptionChange, selection } from '../api/methods/datasets.ts'
import { allItems, filterItems, itemOf } from '../datasets/describe.ts'
import { captionEditor, type Edit } from '../operations/bulk-edit.ts'
import type { Parts } from './parts.ts'

const patience = 5000

export interface CaptionChanges {
  /** Pictures that the selection holds. */
  readonly all: number
  readonly changes: readonly (CaptionChange & { readonly version: string })[]
}

/** Throws `regex-too-slow`. */
export async function captionChanges(
  { views, tools }: Pick<Parts, 'views' | 'tools'>,
  dataset: string,
  chosen: z.output<typeof selection>,
  edit: Edit,
): Promise<CaptionChanges> {
  const seen = await views.of(dataset)
  const items = 'items' in chosen ? chosen.items.map((item) => itemOf(seen, item)) : filterItems(allItems(seen), chosen.filter)
  const captions = items.map(({ caption }) => caption)
  // A regular expression of a person's own may run for ever: it does so in a process that can be ended.
  const after =
    edit.kind === 'replace' && edit.regex
      ? await tools.call('editCaptions', { captions, edit }, { patience }).catch(tooSlow)
      : captions.map(captionEditor(edit))
  const changes = items.flatMap(({ id: item, path, caption: before, version }, i) => {
    const now = after[i] ?? before
    return now === before ? [] : [{ item, path, before, after: now, version }]
  })
  return { all: items.length, changes }
}

const tooSlow = (error: unknown): never => {
  if (!(error instanceof PigmentError) || error.code !== 'worker-silent') throw error
  throw new PigmentError(
    'regex-too-slow',
    'This expression takes too long on these captions. Make it simpler, e.g. without nested repeats.',
    {},
    error,
  )
}
