// "Open with Pigment": adapters go into the library, as if they were dropped there, and are shown.
import { basename } from 'node:path'
import type { AdapterCard } from '../api/methods/library.ts'
import type { ErrorRecord } from '../../engine/spec/error.ts'
import type { StudioHost } from '../studio/host.ts'

export interface OpenedFilesOptions {
  /** Brings an adapter of the library before a person's eyes. */
  readonly show: (adapter: string) => void
  readonly fail: (name: string, message: string) => void
}

/** Takes paths from the first moment on; they wait until there is a host. */
export class OpenedFiles {
  #waiting: string[] = []
  #ready: ((paths: readonly string[]) => Promise<void>) | undefined

  /** Paths from the system, or the words of a command line with paths among them. */
  async take(words: readonly string[]): Promise<void> {
    const paths = words.filter((word) => /\.safetensors$/i.test(word) && !word.startsWith('-'))
    if (paths.length === 0) return
    if (this.#ready) await this.#ready(paths)
    else this.#waiting.push(...paths)
  }

  async serve(host: Pick<StudioHost, 'invoke'>, { show, fail }: OpenedFilesOptions): Promise<void> {
    this.#ready = async (paths) => {
      let last: string | undefined
      for (const path of paths) {
        const reply = await host.invoke('library.import', { from: { path } })
        if (!reply.ok) {
          fail(basename(path), reply.error.message)
          continue
        }
        const { added, refused } = reply.value as Imported
        for (const { name, error } of refused) fail(name, error.message)
        last = added.at(-1)?.id ?? last
      }
      if (last !== undefined) show(last)
    }
    await this.take(this.#waiting.splice(0))
  }
}

interface Imported {
  readonly added: readonly AdapterCard[]
  readonly refused: readonly { readonly name: string; readonly error: ErrorRecord }[]
}
