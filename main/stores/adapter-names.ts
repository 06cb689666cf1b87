// How prompts call adapters: by the name of a file, with its folders or without, or by a title. Found at once among thousands.
import { adapterMentioned } from '../operations/adapter-files.ts'
import { longName, shortName, titleOf } from './adapter-cards.ts'
import type { LibraryEntry } from './adapter-entry.ts'

export class AdapterNames {
  readonly #asWritten = new Map<string, LibraryEntry>()
  readonly #files = new Map<string, LibraryEntry>()
  readonly #titles = new Map<string, LibraryEntry>()
  /** Short names that several have. */
  readonly #shared = new Set<string>()

  /** Of two of one name the first is meant. */
  constructor(entries: readonly LibraryEntry[]) {
    const add = (map: Map<string, LibraryEntry>, name: string, entry: LibraryEntry): void => void (map.has(name) || map.set(name, entry))
    for (const entry of entries) {
      const short = shortName(entry).toLowerCase()
      if (this.#files.has(short)) this.#shared.add(short)
      for (const name of [longName(entry), shortName(entry)]) add(this.#asWritten, name, entry)
      add(this.#files, short, entry)
      add(this.#titles, titleOf(entry).toLowerCase(), entry)
    }
    // A whole way is meant before a name.
    for (const entry of entries) this.#files.set(longName(entry).toLowerCase(), entry)
  }

  /** The shortest that calls no other one. */
  of(entry: LibraryEntry): string {
    const short = shortName(entry)
    return this.#shared.has(short.toLowerCase()) ? longName(entry) : short
  }

  find(name: string): LibraryEntry | undefined {
    const wanted = name.toLowerCase()
    return (
      this.#asWritten.get(name) ??
      this.#files.get(wanted.replace(/\.safetensors$/, '').replaceAll('\\', '/')) ??
      this.#files.get(adapterMentioned(wanted)) ??
      this.#titles.get(wanted)
    )
  }
}
