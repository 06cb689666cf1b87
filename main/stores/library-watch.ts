// Follows the folders of the library while the studio runs: what watchers tell is looked at soon, and everything now and then, since not every disk
// tells.
import type { AdapterIndex, LibraryNews } from './adapter-index.ts'
import { FolderWatch } from './folder-watch.ts'

export interface LibraryWatchOptions {
  readonly folder: string
  /** Those that are watched beside it. */
  readonly roots: () => readonly string[]
  readonly index: AdapterIndex
  readonly tell: (news: LibraryNews) => void
}

/** What is hidden, and our own lists, which change with every word of a person's. */
const own = /^\.|\.jsonl$/
const nowAndThen = 30_000
const untilStill = 1000

export class LibraryWatch {
  readonly #options: LibraryWatchOptions
  readonly #watches = new Map<string, FolderWatch>()
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(options: LibraryWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.look().catch(() => undefined), nowAndThen) // a disk that is full may have room by then
    this.#timer.unref()
  }

  /** Resolves when everything was looked at that was there when it was asked for. */
  async look(): Promise<void> {
    if (this.#looking) {
      this.#again = true
      return this.#looking
    }
    this.#looking = (async () => {
      do {
        this.#again = false
        await this.#lookOnce()
      } while (this.#again && !this.#closed)
    })()
    try {
      await this.#looking
    } finally {
      this.#looking = undefined
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    for (const watch of this.#watches.values()) watch.close()
    await this.#looking?.catch(() => undefined)
  }

  async #lookOnce(): Promise<void> {
    const { index, roots, tell } = this.#options
    if (this.#closed) return
    const { seen, again } = await index.look(roots(), tell)
    const there = new Set(seen.map(({ root }) => root))
    for (const [root, watch] of this.#watches)
      if (!there.has(root)) {
        watch.close()
        this.#watches.delete(root)
      }
    for (const { root, folders } of seen) {
      const watch = this.#watchOf(root)
      // What came between the look and the watching is told by nobody.
      if (watch.over(folders)) this.#again = true
    }
    if (again) this.#watchOf('').lookAfter(untilStill)
    if (!this.#again) await index.compareTwins(tell)
  }

  #watchOf(root: string): FolderWatch {
    const known = this.#watches.get(root)
    if (known) return known
    const look = (): void => void this.look().catch(() => undefined)
    const watch = new FolderWatch({
      root: root || this.#options.folder,
      noticed: (_folder, name) => name === null || !own.test(name),
      broken: look,
      look,
    })
    this.#watches.set(root, watch)
    return watch
  }
}
