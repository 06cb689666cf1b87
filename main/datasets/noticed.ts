// What the watcher saw of a folder since it was last looked at. A file that the host wrote itself is one picture to look at, and not a folder.
import { join } from 'node:path'
import { isCaptionName } from '../../engine/datasets/pairs.ts'
import type { Found } from '../../engine/datasets/found.ts'
import { isPictureName } from '../../engine/images/picture-formats.ts'

/** Beside pictures and of no meaning here: caches, logs, settings of other programs, downloads under way. */
const meaningless = /\.(npz|npy|safetensors|ckpt|pt|log|md|toml|ya?ml|ini|db|tmp|part|crdownload|bak|swp)$|~$/i

export class Noticed {
  /** The pictures that a file of the folder is, or is a caption of. */
  readonly #byFile = new Map<string, string[]>()
  readonly #ids = new Set<string>()
  #all = false

  constructor(found: Iterable<Found>) {
    for (const { id, root, folder, file, sidecar, pair } of found)
      for (const one of new Set([file, sidecar, ...(pair.caption ? [join(root, folder, pair.caption)] : [])]))
        this.#byFile.set(one, [...(this.#byFile.get(one) ?? []), id])
  }

  /** Whether something is to be looked at. Systems that name no file mean them all. */
  take(folder: string, name: string | null): boolean {
    if (name === null) this.#all = true
    // Ours while they are written, and other programs' own.
    else if (name.startsWith('.') || (meaningless.test(name) && !isPictureName(name) && !isCaptionName(name))) return false
    else {
      const ids = this.#byFile.get(join(folder, name))
      if (ids) for (const id of ids) this.#ids.add(id)
      else this.#all = true
    }
    return true
  }

  takeAll(): void {
    this.#all = true
  }

  /** The pictures to look at, none where it is all of them; and begins anew. */
  give(): readonly string[] | undefined {
    const ids = this.#all ? undefined : [...this.#ids]
    this.#all = false
    this.#ids.clear()
    return ids
  }
}
