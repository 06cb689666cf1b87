import type { ClipTextConfig } from '../checkpoint/config.ts'
import type { Feed } from '../runtime/session.ts'
import type { Frames } from '../text/encode-prompts.ts'

/** What a text encoder's session is fed with, beside the adapters. */
export function textFeeds(
  { positions, projection }: ClipTextConfig,
  { ids, rows, endOfText, inserted }: Pick<Frames, 'ids' | 'rows' | 'endOfText' | 'inserted'>,
): Record<string, Feed> {
  const shape = [rows, positions]
  return {
    ids: { shape, data: ids },
    vectors: inserted.table,
    vector_rows: { shape, data: inserted.rows },
    ...(projection ? { end_of_text: { shape: [...shape, 1], data: endOfText } } : {}),
  }
}
