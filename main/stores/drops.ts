// Files that come in from a page or a window, until a method takes them.
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { byteSize } from '../../engine/requests/byte-size.ts'
import { PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import { safeRelative } from './safe-name.ts'

/** Where a method's files come from: a drop, or a path of the person's own. */
export type Source = { readonly drop: string } | { readonly path: string }
/** What is about to come. */
const announced = z.strictObject({ files: z.int().min(0).default(0), bytes: z.int().min(0).default(0) })

const mostFiles = 20_000
const mostBytes = 8e9
/** Left free on the disk, whatever comes in. */
const reserve = 256 * 2 ** 20

interface OpenDrop {
  readonly folder: string
  files: number
  bytes: number
}

export class Drops {
  readonly #folder: string
  readonly #open = new Map<string, OpenDrop>()
  /** Why some were given up, of which files may still come in; the latest last. */
  readonly #failed = new Map<string, unknown>()
  readonly #paths = new Map<string, readonly string[]>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Throws `drop-too-large` and `disk-full` before anything is sent, where what is about to come cannot be taken. */
  async open(wanted: unknown = {}): Promise<string> {
    const { files, bytes } = announced.parse(wanted)
    if (files > mostFiles) throw tooLarge(`${files} files, more than ${mostFiles}`)
    if (bytes > mostBytes) throw tooLarge(`${byteSize(bytes)}, more than ${byteSize(mostBytes)}`)
    if (bytes > (await this.#room(this.#folder))) throw fileError(noSpace(), join(this.#folder, 'drop'), 'write')
    const name = randomBytes(12).toString('hex')
    const folder = join(this.#folder, name)
    await mkdir(folder, { recursive: true })
    this.#open.set(name, { folder, files: 0, bytes: 0 })
    return name
  }

  /** Paths of the person's own, which the window knows: nothing is copied. */
  refer(name: string, paths: readonly string[]): void {
    this.#paths.set(name, paths)
  }

  /**
   * Streams one file in; several may come at the same time. Throws `drop-unknown`, `drop-too-large`, `path-refused`, `disk-full`; the whole drop is
   * given up, and its other files are told the same.
   */
  async receive(name: string, path: string, body: Readable): Promise<void> {
    const drop = this.#open.get(name)
    if (this.#failed.has(name)) throw this.#failed.get(name)
    if (!drop) throw new PigmentError('drop-unknown', 'These files were dropped too long ago. Drop them again.', { name })
    try {
      await this.#write(drop, path, body)
    } catch (error) {
      const reason = this.#failed.get(name) ?? error
      this.#failed.set(name, reason)
      if (this.#failed.size > 100) this.#failed.delete([...this.#failed.keys()][0] ?? '')
      // Who sends many files stops at the first that fails.
      await this.#done(name)
      throw reason
    }
  }

  async #write(drop: OpenDrop, path: string, body: Readable): Promise<void> {
    if (++drop.files > mostFiles) throw tooLarge(`more than ${mostFiles} files`)
    const target = join(drop.folder, ...safeRelative(path))
    const room = await this.#room(drop.folder)
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        drop.bytes += chunk.byteLength
        if (drop.bytes > mostBytes) next(tooLarge(`more than ${byteSize(mostBytes)}`))
        else if (drop.bytes > room) next(noSpace())
        else next(null, chunk)
      },
    })
    try {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(body, count, createWriteStream(target, { flags: 'wx', mode: 0o600 }))
    } catch (error) {
      throw fileError(error, target, 'write')
    }
  }

  /** Lends the files to `work`, and removes our copies when it is through, whatever came of it. Throws `drop-unknown`. */
  async lend<Result>(from: Source, work: (paths: readonly string[]) => Promise<Result>): Promise<Result> {
    if ('path' in from) return work([from.path])
    const drop = this.#open.get(from.drop)
    if (!drop) throw new PigmentError('drop-unknown', 'These files were dropped too long ago. Drop them again.', { name: from.drop })
    try {
      const names = await readdir(drop.folder)
      return await work([...names.map((entry) => join(drop.folder, entry)), ...(this.#paths.get(from.drop) ?? [])])
    } catch (error) {
      if (!(error instanceof PigmentError)) throw error
      const { code, message, facts } = this.asSent(error.record())
      throw new PigmentError(code, message, facts, error)
    } finally {
      await this.#done(from.drop)
    }
  }

  /** An error with the names that files were sent under: where they lie meanwhile says nothing to a person. */
  asSent({ code, message, facts }: ErrorRecord): ErrorRecord {
    const short = (text: string): string =>
      text
        .split(this.#folder + sep)
        .map((part, i) => (i === 0 ? part : part.replace(/^[0-9a-f]{24}[\\/]/, '')))
        .join('')
    const told = Object.entries(facts).map(([key, value]) => [key, typeof value === 'string' ? short(value) : value] as const)
    return { code, message: short(message), facts: Object.fromEntries(told) }
  }

  async #done(name: string): Promise<void> {
    this.#paths.delete(name)
    const drop = this.#open.get(name)
    this.#open.delete(name)
    if (drop) await rm(drop.folder, { recursive: true, force: true })
  }

  async #room(folder: string): Promise<number> {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize - reserve
  }

  /** What an earlier session left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name), { recursive: true, force: true })
  }
}

const noSpace = (): Error => Object.assign(new Error('no space'), { code: 'ENOSPC' })

function tooLarge(what: string): PigmentError {
  return new PigmentError('drop-too-large', `These are ${what}. Give the path of the folder instead: then nothing has to be copied.`, {
    files: mostFiles,
    bytes: mostBytes,
  })
}
