// The tag that is being written: what stands between the commas around the caret.

export interface TagAtCaret {
  readonly from: number
  readonly to: number
  /** What of it stands before the caret. */
  readonly begun: string
}

export function tagAtCaret(text: string, caret: number): TagAtCaret {
  // Of lastIndexOf's position the sign is ignored: before the first letter there is no comma.
  const from = caret === 0 ? 0 : text.lastIndexOf(',', caret - 1) + 1
  const comma = text.indexOf(',', caret)
  return { from, to: comma < 0 ? text.length : comma, begun: text.slice(from, caret).trim() }
}

/** The text with the tag at the caret written out, and where the caret is then. */
export function withTag(text: string, caret: number, tag: string): { readonly text: string; readonly caret: number } {
  const { from, to } = tagAtCaret(text, caret)
  const before = from === 0 ? '' : `${text.slice(0, from)} `
  return { text: `${before}${tag}${text.slice(to)}`, caret: before.length + tag.length }
}
