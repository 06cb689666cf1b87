// How often each adapter was drawn with, as the pictures of the gallery tell.
import type { StoredPicture } from './gallery.ts'

export interface Usage {
  readonly pictures: number
  readonly last: number
}
export const unused: Usage = { pictures: 0, last: 0 }

/** Adapters of a picture: those of its stack by their ids, and those of its prompt's tags by their names. */
export function adaptersIn({ form, adapters }: StoredPicture, named: (name: string) => string | undefined): Set<string> {
  const stack = form.stack.flatMap(({ adapter, enabled, weight }) => (enabled && weight !== 0 ? [adapter] : []))
  return new Set([...stack, ...adapters.flatMap(({ name }) => named(name) ?? [])])
}

/** By the adapter's id. */
export function usageOf(pictures: readonly StoredPicture[], named: (name: string) => string | undefined): Map<string, Usage> {
  const usage = new Map<string, Usage>()
  for (const picture of pictures)
    for (const id of adaptersIn(picture, named)) {
      const { pictures: before, last } = usage.get(id) ?? unused
      usage.set(id, { pictures: before + 1, last: Math.max(last, picture.at) })
    }
  return usage
}
