// Files that somebody may still be writing: one is still that has not been touched for a while, or that two looks found the same.
import { placeKey, type SeenAdapter } from './adapter-folder.ts'

/** Copies and downloads write far more often. */
const longAgo = 10_000
/** Between two looks that tell something. */
const between = 800

export class Stillness {
  readonly #seen = new Map<string, { readonly stamp: string; readonly since: number }>()

  /** Those of the files that may be half of what they will be, by `placeKey`. */
  moving(files: readonly SeenAdapter[], now = Date.now()): Set<string> {
    const found = new Set<string>()
    for (const file of files) {
      const key = placeKey(file)
      // A clock that is ahead tells nothing.
      if (file.touched <= now && now - file.touched > longAgo) continue
      const before = this.#seen.get(key)
      if (before?.stamp === file.stamp && now - before.since >= between) continue
      found.add(key)
      if (before?.stamp !== file.stamp) this.#seen.set(key, { stamp: file.stamp, since: now })
    }
    for (const key of this.#seen.keys()) if (!found.has(key)) this.#seen.delete(key)
    return found
  }
}
