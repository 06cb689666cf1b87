// One file from the network to the disk. It lies as `.part` until it is whole and its hash is right; what was flushed of it stands in a journal,
// so that a cut, a kill or a power cut costs no more than what was on its way.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeAll } from '../../engine/files/atomic.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { byteSize } from '../../engine/requests/byte-size.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Journal } from '../stores/journal.ts'
import { lengthOf, strong } from './answer-headers.ts'
import { askOnce, before, type Answer } from './ask.ts'
import { cut, Passing, stopped, type About } from './failures.ts'
import type { Network } from './network.ts'
import { otherHash } from './other-hash.ts'
import { requireRoom } from './room.ts'
import type { PlannedFile, PublishedHash } from './plan.ts'

export const partState = z.object({
  /** What the server calls this state of the file: its ETag, or when it was changed. */
  validator: z.string().optional(),
  total: z.number().optional(),
  /** So many bytes are on the disk for certain. */
  flushed: z.number(),
  /** It has its name; its own hash. */
  sha256: z.string().optional(),
})
type PartState = z.output<typeof partState>

export interface Transfer extends About {
  readonly file: PlannedFile
  /** The folder that it is fetched into. */
  readonly folder: string
  readonly journal: Journal<typeof partState>
  readonly network: Network
  readonly signal: AbortSignal
  /** Bytes of it that are here. */
  readonly progress: (done: number) => void
  /** What a person may want to know of its way. */
  readonly note: (text: string, code: string, facts: Readonly<Record<string, unknown>>) => void
}

const flushEvery = 64 << 20
/** Less is no progress, or a fiftieth of the file. */
const progressBytes = 1 << 20
/** So often a file may turn out to be another one, before it counts as one that never holds still. */
const mostStates = 3

/** Gives its SHA-256. What is there of it already is not fetched again. */
export async function transfer(of: Transfer): Promise<string> {
  const { file, folder, journal } = of
  const path = join(folder, ...file.path.split('/'))
  const known = journal.get(file.path)
  const there = await stat(path).catch(() => undefined)
  if (known?.sha256 !== undefined && there?.size === known.total) return known.sha256
  try {
    await mkdir(dirname(path), { recursive: true })
    return await new Part(of, path).fetch()
  } catch (error) {
    throw fileError(error, path, 'write')
  }
}

class Part {
  readonly #of: Transfer
  readonly #path: string
  readonly #part: string
  #hashes: { readonly sha256: Hash; readonly other: Hash | undefined } = { sha256: createHash('sha256'), other: undefined }
  #state: PartState = { flushed: 0 }
  /** Bytes of it that are here and in the hash. */
  #size = 0
  #resumed = false
  #states = 0

  constructor(of: Transfer, path: string) {
    this.#of = of
    this.#path = path
    this.#part = `${path}.part`
  }

  async fetch(): Promise<string> {
    await this.#recall()
    for (let attempt = 1; ;) {
      const from = this.#size
      try {
        await this.#go()
        const wrong = this.#check()
        if (wrong === undefined) return await this.#finish()
        // Parts of two states do not make one file; the whole of one may.
        if (!this.#resumed || ++this.#states > mostStates) throw await this.#quarantine(wrong)
        await this.#anew('its parts do not fit together')
      } catch (error) {
        // Whoever makes progress has all attempts before it again.
        if (this.#size - from >= Math.min(progressBytes, (this.#state.total ?? Infinity) / 50)) attempt = 1
        await before(attempt++, error, this.#of.signal, this.#of.network)
      }
    }
  }

  /** What an earlier attempt left, as far as it is certain. */
  async #recall(): Promise<void> {
    const { journal, file, progress } = this.#of
    const known = journal.get(file.path)
    const found = await stat(this.#part).catch(() => undefined)
    this.#begin()
    if (!known || !found || known.flushed === 0) return
    const size = Math.min(known.flushed, found.size)
    await truncate(this.#part, size)
    if (size > 0) for await (const chunk of createReadStream(this.#part)) this.#take(chunk as Buffer)
    this.#state = { ...known, flushed: size }
    this.#resumed = size > 0
    progress(this.#size)
  }

  #begin(): void {
    const { file } = this.#of
    this.#hashes = { sha256: createHash('sha256'), other: otherHash(file) }
    this.#state = { flushed: 0 }
    this.#size = 0
    this.#resumed = false
  }
  #take(chunk: Uint8Array): void {
    this.#hashes.sha256.update(chunk)
    this.#hashes.other?.update(chunk)
    this.#size += chunk.byteLength
  }

  async #anew(why: string): Promise<void> {
    const { file, note, journal, progress } = this.#of
    note(`"${file.path}" begins anew: ${why}.`, 'fetch-anew', { name: file.path, why })
    this.#begin()
    await journal.delete(file.path)
    await rm(this.#part, { force: true })
    progress(0)
  }

  /** Asks for what is missing and writes it. Throws `Passing` where the connection ended before. */
  async #go(): Promise<void> {
    const { file, network, signal, site, page, tokens } = this.#of
    const { validator, total } = this.#state
    // Without either, nobody could tell whether the rest is of the same file.
    if (this.#size > 0 && validator === undefined && !file.hash) await this.#anew('the server does not say whether it is still the same')
    if (this.#size > 0 && this.#size === (total ?? file.bytes)) return
    this.#resumed ||= this.#size > 0
    const headers = this.#size > 0 ? { range: `bytes=${this.#size}-`, ...(validator === undefined ? {} : { 'if-range': validator }) } : {}
    const answer = await askOnce({ url: file.url, headers, signal, site, page, tokens, also: [416] }, network)
    try {
      await this.#heads(answer)
      await this.#write(answer)
    } finally {
      answer.end()
    }
    const wanted = this.#state.total ?? file.bytes
    if (wanted !== undefined && this.#size < wanted) throw this.#cut(new Error('it ended before its end'))
  }

  /** Whether the answer goes on from what is here. */
  async #heads({ response }: Answer): Promise<void> {
    const { file, journal } = this.#of
    const { status, headers } = response
    const validator = strong(headers.get('etag')) ?? headers.get('last-modified') ?? undefined
    const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
    const changed = this.#state.validator !== undefined && validator !== undefined && validator !== this.#state.validator
    if (
      status === 416 ||
      (status === 206 &&
        (Number(start) !== this.#size ||
          changed ||
          (this.#state.total !== undefined && total !== '*' && Number(total) !== this.#state.total)))
    ) {
      await this.#another(changed ? 'it changed on the server' : 'the server has another state of it')
      throw new Passing(cut(file.path, 0, new Error('it changed on the server')), 0)
    }
    if (status === 200 && this.#size > 0)
      await (changed ? this.#another('it changed on the server') : this.#anew('the server does not give parts of it'))
    const whole = status === 206 ? (total === '*' || total === undefined ? Number(end) + 1 : Number(total)) : lengthOf(headers)
    if (file.bytes !== undefined && whole !== undefined && whole !== file.bytes) throw otherSize(file, whole)
    this.#state = {
      flushed: this.#state.flushed,
      ...(validator === undefined ? {} : { validator }),
      ...(whole === undefined ? {} : { total: whole }),
    }
    await journal.set(file.path, this.#state)
  }

  async #another(why: string): Promise<void> {
    if (++this.#states > mostStates) throw restless(this.#of.file)
    await this.#anew(why)
  }

  async #write({ response, alive }: Answer): Promise<void> {
    const { file, signal, progress } = this.#of
    const most = this.#state.total ?? file.bytes ?? Infinity
    // What lies there without a line in the journal, such as what a kill left, is no part of it.
    const handle = await open(this.#part, this.#size === 0 ? 'w' : 'a', 0o600)
    try {
      for await (const chunk of body(response, (cause) => this.#cut(cause))) {
        alive()
        if (this.#size + chunk.byteLength > most) throw otherSize(file, this.#size + chunk.byteLength)
        await writeAll(handle, chunk)
        this.#take(chunk)
        progress(this.#size)
        if (this.#size - this.#state.flushed >= flushEvery) {
          await this.#flush(handle)
          // Others write to the disk too, and how much comes may not be known.
          await requireRoom(file.path, this.#of.folder, most === Infinity ? flushEvery : most - this.#size, this.#of.network)
        }
        if (signal.aborted) throw stopped()
      }
    } finally {
      try {
        await this.#flush(handle)
      } finally {
        await handle.close()
      }
    }
  }

  async #flush(handle: FileHandle): Promise<void> {
    const { journal, file } = this.#of
    await handle.sync()
    this.#state = { ...this.#state, flushed: this.#size }
    await journal.set(file.path, this.#state)
  }

  #cut(cause: unknown): unknown {
    const { signal, file } = this.#of
    return signal.aborted ? stopped() : new Passing(cut(file.path, this.#size, cause))
  }

  /** What does not fit, if anything. */
  #check(): PublishedHash | undefined {
    const { hash } = this.#of.file
    const got = this.#hashes.other ?? this.#hashes.sha256
    const value = got?.copy().digest('hex') ?? ''
    return hash === undefined || hash.value === value ? undefined : { algorithm: hash.algorithm, value }
  }

  /** Nothing that is not what was published stays. */
  async #quarantine(got: PublishedHash): Promise<PigmentError> {
    const { file, journal } = this.#of
    await rm(this.#part, { force: true })
    await journal.delete(file.path)
    return new PigmentError(
      'fetch-hash-wrong',
      `"${file.path}" is not the file that was published: its ${got.algorithm} is ${got.value}, where ${file.hash?.value} is told. It was deleted. Try again; should it stay so, do not trust this source.`,
      { name: file.path, expected: file.hash?.value, got: got.value, algorithm: got.algorithm },
    )
  }

  async #finish(): Promise<string> {
    const { file, journal } = this.#of
    const sha256 = this.#hashes.sha256.digest('hex')
    const { size } = await stat(this.#part).catch(() => ({ size: 0 }))
    if (size !== this.#size) throw otherSize(file, size)
    // An empty answer makes no file.
    if (this.#size === 0) await (await open(this.#part, 'a', 0o600)).close()
    await rename(this.#part, this.#path)
    await journal.set(file.path, { ...this.#state, total: this.#size, flushed: this.#size, sha256 })
    return sha256
  }
}

/** Its pieces; what ends it too early is told as `ended` says. */
async function* body({ body: stream }: Response, ended: (cause: unknown) => unknown): AsyncGenerator<Uint8Array> {
  const reader = (stream as ReadableStream<Uint8Array> | null)?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw ended(cause)
      })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

const otherSize = ({ path, bytes }: PlannedFile, got: number): PigmentError =>
  new PigmentError(
    'fetch-size-wrong',
    bytes === undefined
      ? `"${path}" goes on after its end: more than ${byteSize(got)} came. Try again later, or use another link.`
      : `"${path}" is told to be ${bytes} bytes, and ${got} come. It may have been changed just now: look at it again, and fetch it anew.`,
    { name: path, got, ...(bytes === undefined ? {} : { expected: bytes }) },
  )

const restless = ({ path }: PlannedFile): PigmentError =>
  new PigmentError('fetch-restless', `"${path}" changed on the server again and again while it was fetched. Try again later.`, {
    name: path,
  })
