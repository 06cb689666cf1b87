// Which pictures a caption is asked for, and what becomes of the one that a picture has.
import { basename } from 'node:path'
import type { z } from 'zod'
import type { Found } from '../../engine/datasets/found.ts'
import type { captionForm } from '../api/methods/captioning.ts'
import { captionEditor, tagsOf } from '../operations/bulk-edit.ts'
import type { ToCaption } from '../operations/tools/caption.ts'
import { allItems, filterItems, itemOf, type View } from './describe.ts'

type Form = Pick<z.output<typeof captionForm>, 'selection' | 'overwrite' | 'add'>

/** Those of the selection, without those whose caption stays as it is: how many these are is `kept`. */
export function picturesToCaption(
  view: View,
  { selection, overwrite, add }: Form,
): { readonly asked: readonly Found[]; readonly kept: number } {
  const items = 'items' in selection ? selection.items.map((item) => itemOf(view, item)) : filterItems(allItems(view), selection.filter)
  const found = items.map(({ id }) => view.set.item(id))
  // A caption that cannot be read is one: it is not written over unasked.
  const asked = overwrite || add !== undefined ? found : found.filter((one) => one.caption === '' && !one.captionProblem)
  return { asked, kept: found.length - asked.length }
}

export const toCaption = ({ file, folder, caption, stamp, root }: Found): ToCaption => ({
  ...{ file, caption, stamp },
  folder: folder === '' ? basename(root) : folder,
})

/** The caption with what was said of the picture; as it was where nothing was. */
export function captionWith({ caption }: Pick<Found, 'caption'>, words: string, { add }: Pick<Form, 'add'>): string {
  if (words === '') return caption
  return captionEditor(add ? { kind: 'add', tags: tagsOf(words), at: add } : { kind: 'set', caption: words })(caption)
}
