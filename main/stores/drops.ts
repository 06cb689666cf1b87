// Files that come in from a page or a window, until a method takes them.
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/spec/error.ts'
import { safeRelative } from './safe-name.ts'

/** What was dropped: copies of ours, and paths of the person's own. */
export interface Drop {
  readonly paths: readonly string[]
}

const mostFiles = 20_000
const mostBytes = 8 * 2 ** 30
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
  readonly #paths = new Map<string, readonly string[]>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async open(): Promise<string> {
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

  /** Streams one file in. Throws `drop-unknown`, `drop-too-large`, `path-refused`, `disk-full`; the half file is removed. */
  async receive(name: string, path: string, body: Readable): Promise<void> {
    const drop = this.#open.get(name)
    if (!drop) throw new PigmentError('drop-unknown', 'These files were dropped too long ago. Drop them again.', { name })
    if (++drop.files > mostFiles) throw tooLarge(`more than ${mostFiles} files`)
    const target = join(drop.folder, ...safeRelative(path))
    const disk = await statfs(drop.folder)
    const room = disk.bavail * disk.bsize - reserve
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        drop.bytes += chunk.byteLength
        if (drop.bytes > mostBytes) next(tooLarge(`more than ${mostBytes / 2 ** 30} GB`))
        else if (drop.bytes > room) next(fileError(Object.assign(new Error('no space'), { code: 'ENOSPC' }), target, 'write'))
        else next(null, chunk)
      },
    })
    try {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(body, count, createWriteStream(target, { flags: 'wx', mode: 0o600 }))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(target, { force: true }).catch(() => undefined)
      throw fileError(error, target, 'write')
    }
  }

  /** What a method works with. Throws `drop-unknown`. */
  async take(name: string): Promise<Drop> {
    const drop = this.#open.get(name)
    if (!drop) throw new PigmentError('drop-unknown', 'These files were dropped too long ago. Drop them again.', { name })
    const names = await readdir(drop.folder)
    return { paths: [...names.map((entry) => join(drop.folder, entry)), ...(this.#paths.get(name) ?? [])] }
  }

  /** Removes our copies when a method is through with them. */
  async done(name: string): Promise<void> {
    this.#paths.delete(name)
    const drop = this.#open.get(name)
    this.#open.delete(name)
    if (drop) await rm(drop.folder, { recursive: true, force: true })
  }

  /** What an earlier session left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name), { recursive: true, force: true })
  }
}

function tooLarge(what: string): PigmentError {
  return new PigmentError('drop-too-large', `These are ${what}. Give the path of the folder instead: then nothing has to be copied.`, {
    files: mostFiles,
    bytes: mostBytes,
  })
}
