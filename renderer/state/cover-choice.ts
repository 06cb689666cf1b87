// Whose cover a picture of the gallery may be.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { GalleryPicture } from '../../main/api/methods/gallery.ts'

export interface CoverChoice {
  readonly acted: readonly AdapterCard[]
  readonly others: readonly AdapterCard[]
}

/** Whose cover it may be: those that acted in it come first, by their ids in its stack or by the names that it tells. */
export function coverChoice({ form, adapters }: Pick<GalleryPicture, 'form' | 'adapters'>, cards: readonly AdapterCard[]): CoverChoice {
  const ids = new Set((form.stack ?? []).flatMap(({ adapter, enabled, weight }) => (enabled && weight !== 0 ? [adapter] : [])))
  const names = new Set(adapters.map(({ name }) => name.toLowerCase()))
  const acted = cards.filter(({ id, name }) => ids.has(id) || names.has(name.toLowerCase()))
  return { acted, others: cards.filter((card) => !acted.includes(card)) }
}
