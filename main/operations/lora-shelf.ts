import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { WarningEvent } from './events.ts'
import { loadLoras, tellIgnored, type LoadedLora } from './load-loras.ts'
import { loadEmbeddings, type LoadedEmbedding } from './load-embeddings.ts'
import type { EmbeddingFile, LoraFile } from './picture-task.ts'

/** Adapters and textual inversions of one job, each file read once. */
export class LoraShelf {
  readonly #model: Model
  readonly #emit: (event: WarningEvent) => void
  readonly #read = new Map<string, LoadedLora>()
  readonly #embeddings = new Map<string, readonly LoadedEmbedding[]>()

  constructor(model: Model, { emit }: { readonly emit: (event: WarningEvent) => void }) {
    this.#model = model
    this.#emit = emit
  }

  async load(files: readonly LoraFile[]): Promise<LoadedLora[]> {
    const loaded: LoadedLora[] = []
    for (const { file, name, ignored = [], ...given } of files) {
      tellIgnored(file, ignored, this.#emit)
      const known = this.#read.get(file) ?? (await this.#first(file, name))
      loaded.push({ ...known, entry: { ...known.entry, ...given } })
    }
    return loaded
  }

  async embeddings(files: readonly EmbeddingFile[] = []): Promise<LoadedEmbedding[]> {
    const loaded: LoadedEmbedding[] = []
    for (const one of files) {
      const known = this.#embeddings.get(one.file) ?? (await loadEmbeddings(one))
      this.#embeddings.set(one.file, known)
      loaded.push(...known)
    }
    return loaded
  }

  async #first(file: string, name: string | undefined): Promise<LoadedLora> {
    const { checkpoint } = this.#model
    const [one] = await loadLoras([{ file, weight: 1, enabled: true }], moduleShapes(checkpoint), this.#emit, checkpoint.schedule)
    const { entry, hash } = one as LoadedLora
    const read = { entry: name === undefined ? entry : { ...entry, adapter: { ...entry.adapter, name } }, hash }
    this.#read.set(file, read)
    return read
  }
}
