// A small record on disk: parsed by schema when read, written whole or not at all, one write after the other.
import { readFile, rename } from 'node:fs/promises'
import type { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'

export class JsonFile<Schema extends z.ZodType> {
  readonly #path: string
  #value: z.output<Schema>
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, value: z.output<Schema>) {
    this.#path = path
    this.#value = value
  }

  /** Reads it; `migrate` may lift an older version first. What cannot be read is set aside as `.damaged`, never thrown away. */
  static async open<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    migrate: (stored: unknown) => unknown = (stored) => stored,
  ): Promise<JsonFile<Schema>> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return new JsonFile(path, schema.parse({}))
    try {
      return new JsonFile(path, schema.parse(await migrate(JSON.parse(text))))
    } catch {
      await rename(path, `${path}.damaged-${Date.now()}`)
      return new JsonFile(path, schema.parse({}))
    }
  }

  get value(): z.output<Schema> {
    return this.#value
  }

  /** Takes effect at once and resolves when it is on disk; when that fails, the old value is back. */
  async set(value: z.output<Schema>): Promise<void> {
    const before = this.#value
    this.#value = value
    const writing = this.#writing.then(() =>
      writeFileAtomic(this.#path, new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`)),
    )
    this.#writing = writing.catch(() => undefined)
    await writing.catch((error: unknown) => {
      if (this.#value === value) this.#value = before
      throw error
    })
  }
}
