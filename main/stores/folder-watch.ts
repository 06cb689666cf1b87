// A folder and those in it under watch: after a burst of changes, one look.
import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

export interface FolderWatchOptions {
  readonly root: string
  /** Whether something of this name is to be looked at. Systems that give no name mean all of a folder. */
  readonly noticed: (folder: string, name: string | null) => boolean
  /** A watcher broke: what changed since is not known. */
  readonly broken: () => void
  readonly look: () => void
}

/** Outside changes come in bursts; one look for all of them, well within a second. */
const settle = 200

export class FolderWatch {
  readonly #options: FolderWatchOptions
  #watchers: FSWatcher[] = []
  /** Which folders are watched, while they are. */
  #watched: string | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /** Watches the folder and these in it, by their paths from there, in the place of those before; whether they are others. */
  over(folders: readonly string[]): boolean {
    const { root, noticed, broken } = this.#options
    const wanted = ['', ...folders.filter(Boolean)]
    if (this.#closed || this.#watched === wanted.join('/')) return false
    this.#watched = wanted.join('/')
    this.#end()
    this.#watchers = wanted.flatMap((folder) => {
      try {
        const at = join(root, folder)
        const watcher = watch(at, { persistent: false }, (_kind, name) => {
          if (noticed(at, name)) this.lookAfter(settle)
        })
        watcher.on('error', () => {
          broken()
          this.lookAfter(settle)
        })
        return [watcher]
      } catch {
        return []
      }
    })
    return true
  }

  /** What was watched may be another folder when it comes back. */
  forget(): void {
    this.#watched = undefined
  }

  /** Looks in so many milliseconds, and not before. */
  lookAfter(wait: number): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(this.#options.look, wait)
    this.#timer.unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#end()
  }

  #end(): void {
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }
}
