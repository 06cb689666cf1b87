// Base models by reference, and the one that comes with Pigment.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'
import type { ModelCard } from '../api/methods/models.ts'
import { blockNames } from '../../engine/requests/block-weights.ts'
import { embeddedPath, hasEmbedded } from '../places/embedded.ts'
import { defaultsOf } from '../places/model-defaults.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { Journal } from './journal.ts'

/** Earlier versions wrote the sentence alone. */
const reason = z.union([
  z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number()])) }),
  z.string().transform((message) => ({ code: '', message, facts: {} })),
])
const facts = z.object({
  name: z.string(),
  family: z.string(),
  width: z.number().default(0),
  layout: z.string(),
  prediction: z.string(),
  bytes: z.number(),
  parameters: z.number(),
  unetParameters: z.number(),
  side: z.number(),
  step: z.number().default(64),
  /** One that was added before they were told may have any. */
  blocks: z.array(z.string()).default([...blockNames]),
  evidence: z.array(reason),
})
const entry = z.object({ id: z.string(), path: z.string(), at: z.number(), facts })
type Entry = z.output<typeof entry>

export const embeddedId = 'embedded'

/** What training and drawing begin with. */
export const defaultsOfModel = ({ path, facts }: Pick<Entry, 'path' | 'facts'>): ModelDefaults => defaultsOf(path, facts.family)

export class Models {
  readonly #journal: Journal<typeof entry>
  readonly #tools: ToolsProcess
  #embedded: Promise<Entry> | undefined

  private constructor(journal: Journal<typeof entry>, tools: ToolsProcess) {
    this.#journal = journal
    this.#tools = tools
  }

  static async open(root: string, tools: ToolsProcess): Promise<Models> {
    return new Models(await Journal.open(join(root, 'models.jsonl'), entry), tools)
  }

  async list(): Promise<ModelCard[]> {
    const embedded = await this.#own().catch(() => undefined)
    const others = this.#journal.values().sort((a, b) => b.at - a.at)
    return Promise.all([...(embedded ? [embedded] : []), ...others].map((one) => card(one)))
  }

  /** The one named, or the embedded one. Throws `model-unknown` and `model-missing`. */
  async get(id: string = embeddedId): Promise<Entry> {
    if (id === embeddedId) return this.#own()
    const found = this.#journal.get(id)
    if (found) return found
    throw new PigmentError('model-unknown', 'This model is not in the list any more. Choose another one.', { model: id })
  }

  async inspect(path: string): Promise<ModelCard> {
    return card(await this.#look(resolve(path)))
  }

  async add(path: string): Promise<ModelCard> {
    const found = await this.#look(resolve(path))
    await this.#journal.set(found.id, found)
    return card(found)
  }

  /** Forgets it; the file is the person's. */
  async remove(id: string): Promise<void> {
    if (id === embeddedId) throw new PigmentError('model-embedded', 'The embedded model belongs to Pigment and cannot be removed.', {})
    await this.get(id)
    await this.#journal.delete(id)
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  #own(): Promise<Entry> {
    if (!hasEmbedded())
      return Promise.reject(new PigmentError('model-missing', 'The embedded model is missing. Install Pigment again.', {}))
    this.#embedded ??= this.#look(embeddedPath).then((found) => ({ ...found, id: embeddedId }))
    this.#embedded.catch(() => (this.#embedded = undefined))
    return this.#embedded
  }

  async #look(path: string): Promise<Entry> {
    const found = await this.#tools.call('inspectModel', { path })
    return {
      id: `m${createHash('sha256').update(path).digest('hex').slice(0, 15)}`,
      path,
      at: Date.now(),
      facts: { ...found, blocks: [...found.blocks], evidence: [...found.evidence] },
    }
  }
}

async function card({ id, path, facts: found }: Entry): Promise<ModelCard> {
  const missing = await stat(path).then(
    () => undefined,
    (cause: unknown) => errorRecord(fileError(cause, path, 'read')),
  )
  return {
    id,
    name: found.name,
    path,
    embedded: id === embeddedId,
    family: found.family,
    width: found.width,
    layout: found.layout,
    prediction: found.prediction,
    bytes: found.bytes,
    parameters: found.parameters,
    side: found.side,
    recognised: found.evidence,
    ...(missing ? { error: missing } : {}),
  }
}
