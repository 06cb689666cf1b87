// Which entry of the library each file is, after files came, went, were renamed or replaced. What a file holds counts before where it lies.
import { basename } from 'node:path/posix'
import { hasWords, type LibraryEntry } from './adapter-entry.ts'
import { placeKey, type Place, type SeenAdapter } from './adapter-folder.ts'

export interface Sight {
  readonly entries: readonly LibraryEntry[]
  readonly seen: readonly SeenAdapter[]
  /** Roots that were looked at: of others it is not known what is there. */
  readonly roots: ReadonlySet<string>
  /** Files that somebody is still writing, by `placeKey`: as they were until they are still. */
  readonly busy: ReadonlySet<string>
}

/** Files that no entry knows in their present state, which are to be read. */
export function unknownFiles({ entries, seen, busy }: Sight): SeenAdapter[] {
  const states = new Map(entries.map((one) => [placeKey(one), one.stamp]))
  return seen.filter((one) => !busy.has(placeKey(one)) && states.get(placeKey(one)) !== one.stamp)
}

export interface Followed {
  /** An entry and the file that it is now: its own as it was, changed, or under another name. */
  readonly here: readonly { readonly entry: LibraryEntry; readonly file: SeenAdapter }[]
  readonly fresh: readonly SeenAdapter[]
  readonly gone: readonly LibraryEntry[]
  /** Of nobody any more: their file is another entry's, about which a person wrote something. */
  readonly dropped: readonly LibraryEntry[]
}

/** `contents` has the digest of each of `unknownFiles`, '' where it could not be read. */
export function followAdapters(sight: Sight, contents: ReadonlyMap<string, string>): Followed {
  const { entries, seen, roots, busy } = sight
  const unknown = new Set(unknownFiles(sight))
  const places = new Map(entries.map((entry) => [placeKey(entry), entry]))
  const here: { entry: LibraryEntry; file: SeenAdapter }[] = []
  const taken = new Set<LibraryEntry>()
  const take = (entry: LibraryEntry, file: SeenAdapter): void => {
    taken.add(entry)
    here.push({ entry, file })
  }
  for (const file of seen) {
    const entry = places.get(placeKey(file))
    if (entry && !unknown.has(file) && !busy.has(placeKey(file))) take(entry, file)
  }

  const free = (entry: LibraryEntry): boolean => !taken.has(entry) && roots.has(entry.root) && !busy.has(placeKey(entry))
  const left: SeenAdapter[] = []
  for (const file of unknown) {
    const content = contents.get(placeKey(file))
    const same = content ? entries.filter((entry) => entry.content === content && free(entry)) : []
    const entry = nearest(same, file)
    if (entry) take(entry, file)
    else left.push(file)
  }
  const fresh: SeenAdapter[] = []
  for (const file of left) {
    const entry = places.get(placeKey(file))
    if (entry && free(entry)) take(entry, file)
    else fresh.push(file)
  }

  const gone: LibraryEntry[] = []
  const dropped: LibraryEntry[] = []
  for (const entry of entries.filter((one) => free(one) && !one.gone)) {
    // Copied first and removed then: the copy was entered without the words of the first.
    const twin = here.find((one) => one.entry.content === entry.content && entry.content !== '' && !hasWords(one.entry) && hasWords(entry))
    if (twin) {
      dropped.push(twin.entry)
      here.splice(here.indexOf(twin), 1, { entry, file: twin.file })
    } else gone.push(entry)
  }
  return { here, fresh, gone, dropped }
}

/** Of several with the same content: the one of this place, of this name, that is not long gone. */
function nearest(same: readonly LibraryEntry[], file: Place): LibraryEntry | undefined {
  const worth = (entry: LibraryEntry): number =>
    (placeKey(entry) === placeKey(file) ? 8 : 0) +
    (basename(entry.file) === basename(file.file) ? 4 : 0) +
    (entry.gone ? 0 : 2) +
    (hasWords(entry) ? 1 : 0)
  return same.toSorted((a, b) => worth(b) - worth(a))[0]
}
