// Records that change often, as lines of JSON: the last line of an id counts, a torn last line is ignored, and every line is parsed by
// schema before it is believed. Rewritten in one piece when most of it is old.
import { createHash } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import type { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { fileError } from '../../engine/files/file-error.ts'

interface Line {
  readonly id: string
  /** First digits of SHA-256 over the value's JSON. */
  readonly sum: string
  readonly value: unknown
}

const compactAfter = 1000

export class Journal<Schema extends z.ZodType> {
  readonly #path: string
  readonly #values = new Map<string, z.output<Schema>>()
  #file: FileHandle | undefined
  #lines = 0
  #last: Promise<void> = Promise.resolve()
  /** Lines that could not be believed when the journal was opened. */
  readonly damaged: number

  private constructor(path: string, values: Map<string, z.output<Schema>>, lines: number, damaged: number) {
    this.#path = path
    this.#values = values
    this.#lines = lines
    this.damaged = damaged
  }

  static async open<Schema extends z.ZodType>(path: string, schema: Schema): Promise<Journal<Schema>> {
    const values = new Map<string, z.output<Schema>>()
    let [lines, damaged] = [0, 0]
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw fileError(error, path, 'read')
    })
    for (const part of text.split('\n')) {
      if (part === '') continue
      lines++
      const line = believe(part)
      const parsed = line && line.value !== null ? schema.safeParse(line.value) : undefined
      if (line && line.value === null) values.delete(line.id)
      else if (line && parsed?.success) {
        // The place of an id is that of its first line.
        values.set(line.id, parsed.data)
      } else damaged++
    }
    const journal = new Journal<Schema>(path, values, lines, damaged)
    // A torn tail must not run into the next line.
    if (damaged > 0 || lines > values.size * 2 + compactAfter) await journal.#compact()
    return journal
  }

  get(id: string): z.output<Schema> | undefined {
    return this.#values.get(id)
  }
  values(): z.output<Schema>[] {
    return [...this.#values.values()]
  }
  get size(): number {
    return this.#values.size
  }

  /** Resolves when the line is flushed; throws `disk-full` and the like, and then memory is as before. */
  set(id: string, value: z.output<Schema>): Promise<void> {
    return this.#change(id, value)
  }
  delete(id: string): Promise<void> {
    return this.#change(id, undefined)
  }

  /** In memory only: for what changes many times a second. The next `set` of this id writes it. */
  remember(id: string, value: z.output<Schema>): void {
    this.#values.set(id, value)
  }

  async close(): Promise<void> {
    await this.#last
    await this.#file?.close()
    this.#file = undefined
  }

  #change(id: string, value: z.output<Schema> | undefined): Promise<void> {
    const before = this.#values.get(id)
    if (value === undefined) this.#values.delete(id)
    else this.#values.set(id, value)
    const done = this.#last.then(() => this.#append(id, value ?? null))
    this.#last = done.catch(() => undefined)
    return done.catch((error: unknown) => {
      if (this.#values.get(id) === value) {
        if (before === undefined) this.#values.delete(id)
        else this.#values.set(id, before)
      }
      throw fileError(error, this.#path, 'write')
    })
  }

  async #append(id: string, value: unknown): Promise<void> {
    if (this.#lines > this.#values.size * 2 + compactAfter) await this.#compact()
    this.#file ??= await open(this.#path, 'a', 0o600)
    const { size } = await this.#file.stat()
    try {
      await this.#file.appendFile(lineOf(id, value))
      await this.#file.datasync()
      this.#lines++
    } catch (error) {
      await this.#file.truncate(size).catch(() => undefined)
      throw error
    }
  }

  async #compact(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    const text = Array.from(this.#values, ([id, value]) => lineOf(id, value)).join('')
    await writeFileAtomic(this.#path, new TextEncoder().encode(text))
    this.#lines = this.#values.size
  }
}

function lineOf(id: string, value: unknown): string {
  return `${JSON.stringify({ id, sum: sumOf(value), value } satisfies Line)}\n`
}

function sumOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)
}

function believe(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line
    return typeof line.id === 'string' && line.sum === sumOf(line.value) ? line : undefined
  } catch {
    return undefined
  }
}
