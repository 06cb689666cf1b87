// How often each tag occurs: kohya's `ss_tag_frequency`, which galleries show beside an adapter.

export interface TaggedCaption {
  /** Name of the folder the picture lies in, e.g. `10_moss`. */
  readonly folder: string
  readonly caption: string
}

/** Counts of lower-cased, comma-separated tags, by folder. Repeats do not count. */
export function tagFrequency(captions: Iterable<TaggedCaption>): Record<string, Record<string, number>> {
  const folders = new Map<string, Map<string, number>>()
  for (const { folder, caption } of captions) {
    const counts = folders.get(folder) ?? new Map<string, number>()
    folders.set(folder, counts)
    for (const part of caption.split(',')) {
      const tag = part.trim().toLowerCase()
      if (tag) counts.set(tag, (counts.get(tag) ?? 0) + 1)
    }
  }
  return Object.fromEntries(Array.from(folders, ([folder, counts]) => [folder, Object.fromEntries(counts)]))
}
