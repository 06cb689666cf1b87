import { captionEditor, type Edit } from '../bulk-edit.ts'

/** Captions after a change; here, because a regular expression of a person's own may never end. */
export function editCaptions({ captions, edit }: { captions: readonly string[]; edit: Edit }): string[] {
  return captions.map(captionEditor(edit))
}
