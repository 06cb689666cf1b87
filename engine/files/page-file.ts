// Pages of bytes in one file, of which memory holds as many as a budget allows: what was used longest ago goes back to the file first.
// Node maps no files into memory, so pages are read and written where they are wanted. The file is scratch: nothing of it outlives the process.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { writeAll } from './atomic.ts'
import { fileError } from './file-error.ts'

export interface PageTraffic {
  /** Pages that came from the file, that went to it, and that lay in memory when they were wanted. */
  readonly read: number
  readonly written: number
  readonly held: number
}

export interface PageFileOptions {
  readonly folder: string
  /** Bytes of each page. All are zero at first. */
  readonly sizes: readonly number[]
  /** Bytes of pages that may lie in memory at once; at least two of the largest fit. */
  readonly budget: number
  /** A file without a name vanishes with its process, however that ends. Not every system has those. */
  readonly named?: boolean
}

interface Held {
  readonly bytes: Uint8Array
  changed: boolean
}

const nameOf = /^state-(\d+)-[0-9a-f]{12}\.pages$/

/** One call at a time. Throws `disk-full`, `not-writable` and the like, `page-file-short`. */
export class PageFile implements AsyncDisposable {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #sizes: readonly number[]
  readonly #begins: readonly number[]
  readonly #budget: number
  readonly #named: boolean
  /** In the order of their last use. */
  readonly #held = new Map<number, Held>()
  /** Pages that the file has. */
  readonly #stored = new Set<number>()
  readonly #spare: Uint8Array[] = []
  /** Of the file, as far as it has been written. */
  #end = 0
  #bytes = 0
  #largest = 0
  #traffic = { read: 0, written: 0, held: 0 }

  private constructor(path: string, handle: FileHandle, { sizes, budget, named = true }: PageFileOptions) {
    this.#path = path
    this.#handle = handle
    this.#sizes = sizes
    this.#named = named
    this.#budget = Math.max(budget, 2 * sizes.reduce((most, size) => Math.max(most, size), 0))
    let end = 0
    this.#begins = sizes.map((size) => (end += size) - size)
  }

  /** Also removes what processes that have ended left in the folder. */
  static async open(options: PageFileOptions): Promise<PageFile> {
    const { folder, named = process.platform === 'win32' } = options
    const path = join(folder, `state-${process.pid}-${randomBytes(6).toString('hex')}.pages`)
    try {
      await mkdir(folder, { recursive: true })
      await sweep(folder)
      const handle = await open(path, 'wx+')
      if (!named) await rm(path)
      return new PageFile(path, handle, { ...options, named })
    } catch (error) {
      throw fileError(error, path, 'write')
    }
  }

  /** Since it was opened. */
  get traffic(): PageTraffic {
    return { ...this.#traffic }
  }

  /** Most bytes of pages that memory has held at once. */
  get largest(): number {
    return this.#largest
  }

  /** A page to be changed in place, until the next but one is asked for. */
  async page(index: number): Promise<Uint8Array> {
    let held = this.#held.get(index)
    if (held) {
      this.#traffic.held++
      this.#held.delete(index)
    } else {
      const size = this.#sizes[index] ?? 0
      while (this.#bytes + size > this.#budget && this.#held.size > 0) await this.#dismiss()
      this.#bytes += size
      this.#largest = Math.max(this.#largest, this.#bytes)
      held = { bytes: this.#room(size), changed: true }
      if (this.#stored.has(index)) await this.#fetch(index, held.bytes)
      else held.bytes.fill(0)
    }
    held.changed = true
    this.#held.set(index, held)
    return held.bytes
  }

  /** A copy of a page, which leaves those in memory as they are. */
  async copy(index: number): Promise<Uint8Array> {
    const held = this.#held.get(index)
    if (held) return held.bytes.slice()
    const bytes = new Uint8Array(this.#sizes[index] ?? 0)
    if (this.#stored.has(index)) await this.#read(index, bytes)
    return bytes
  }

  async #fetch(index: number, into: Uint8Array): Promise<void> {
    this.#traffic.read++
    await this.#read(index, into)
  }

  async #read(index: number, into: Uint8Array): Promise<void> {
    const begin = this.#begins[index] ?? 0
    try {
      await this.#whole()
      for (let at = 0; at < into.byteLength;) {
        const { bytesRead } = await this.#handle.read(into, at, into.byteLength - at, begin + at)
        if (bytesRead === 0) throw this.#short()
        at += bytesRead
      }
    } catch (error) {
      throw fileError(error, this.#path, 'read')
    }
  }

  /** Of those in memory, the one that was used longest ago. */
  async #dismiss(): Promise<void> {
    const [index, { bytes, changed }] = this.#held.entries().next().value as [number, Held]
    if (changed) {
      this.#traffic.written++
      const begin = this.#begins[index] ?? 0
      try {
        await this.#whole()
        await writeAll(this.#handle, bytes, begin)
        this.#end = Math.max(this.#end, begin + bytes.byteLength)
      } catch (error) {
        throw fileError(error, this.#path, 'write')
      }
      this.#stored.add(index)
    }
    this.#held.delete(index)
    this.#bytes -= bytes.byteLength
    this.#spare.push(bytes)
  }

  /** Memory that a page before it had, where one had as much. */
  #room(size: number): Uint8Array {
    const at = this.#spare.findIndex(({ byteLength }) => byteLength === size)
    const [found] = at < 0 ? [] : this.#spare.splice(at, 1)
    this.#spare.length = 0
    return found ?? new Uint8Array(size)
  }

  /** A file that was cut short would be filled with zeros where it is written to behind its end. One without a name is out of reach. */
  async #whole(): Promise<void> {
    if (this.#named && (await this.#handle.stat()).size < this.#end) throw this.#short()
  }

  #short(): PigmentError {
    const sentence = `"${this.#path}" is shorter than it was: something else has cut it. Leave the files of a run alone; the same command goes on from the last checkpoint.`
    return new PigmentError('page-file-short', sentence, { path: this.#path, bytes: this.#end })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#held.clear()
    await this.#handle.close()
    await rm(this.#path, { force: true })
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(nameOf.exec(name)?.[1])
    // Another that is left by a process of the same number is of no harm.
    if (pid && !alive(pid)) await rm(join(folder, name), { force: true }).catch(() => undefined)
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
