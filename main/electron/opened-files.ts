// "Open with Pigment": files wait here until a page takes them, as if they were dropped on it.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export class OpenedFiles {
  #paths: string[] = []
  #arrived: () => void = () => undefined

  add(paths: readonly string[]): void {
    if (paths.length === 0) return
    this.#paths.push(...paths)
    this.#arrived()
  }

  /** Called with every arrival from now on; for earlier ones, a page asks when it opens. */
  onArrival(listener: () => void): void {
    this.#arrived = listener
  }

  take(): readonly string[] {
    return this.#paths.splice(0)
  }
}

/** The adapters among the words of a command line. File managers of Linux write addresses in the place of paths. */
export function adaptersAmong(words: readonly string[], folder: string): string[] {
  return words.flatMap((word) => {
    if (word.startsWith('-') || !/\.safetensors$/i.test(word)) return []
    if (!/^file:/i.test(word)) return [resolve(folder, word)]
    try {
      return [fileURLToPath(word)]
    } catch {
      return [] // On another machine.
    }
  })
}
