// Where files lie that travel between who asks and who works: by what they hold, so that nothing is sent twice and nothing wrong is taken.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { PigmentError } from '../../engine/requests/error.ts'

/** The SHA-256 of a file's bytes, as hex digits. */
export type ContentHash = string

export interface ContentStore {
  /** As it may be shown. */
  readonly shown: string
  /** Whether it is there at all. Throws `store-not-there`. */
  look?(): Promise<void>
  has(name: string): Promise<boolean>
  /** The file appears under that name whole or not at all. */
  put(name: string, file: string): Promise<void>
  /** Its bytes. Throws `content-missing`. */
  read(name: string): Promise<AsyncIterable<Uint8Array>>
  remove(name: string): Promise<void>
}

/** One way of keeping them, by what its addresses begin with. */
export interface ContentStoreKind {
  readonly name: string
  /** What is not its own is undefined; what is, and is wrong, is thrown. */
  open(address: string): ContentStore | undefined
}

/** Inputs are everybody's, by their hash; what a call makes is its own, and goes with it. */
export const inputName = (hash: ContentHash): string => `objects/${hash.slice(0, 2)}/${hash}`
export const ownName = (call: string, hash: ContentHash): string => `calls/${call}/${hash}`

export async function hashOfFile(path: string): Promise<{ readonly hash: ContentHash; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
  }
  return { hash: hash.digest('hex'), bytes }
}

/** What is read, until its end shows that it is not what was asked for. Throws `content-damaged`. */
export async function* verified(store: ContentStore, name: string, expected: ContentHash): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const piece of await store.read(name)) {
    hash.update(piece)
    yield piece
  }
  const got = hash.digest('hex')
  if (got === expected) return
  // Whoever has the file will send it again.
  await store.remove(name).catch(() => undefined)
  throw new PigmentError(
    'content-damaged',
    `"${name}" in ${store.shown} is damaged: its SHA-256 is ${got}, expected ${expected}. It was removed there; submit the job again, and it is sent anew.`,
    { store: store.shown, name, expected, got },
  )
}
