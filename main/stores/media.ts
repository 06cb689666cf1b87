// Pictures and files by opaque name: the only way in which bytes of files leave the host.
import { createHash, randomBytes } from 'node:crypto'
import { PigmentError } from '../../engine/requests/error.ts'

export type Media =
  | {
      readonly path: string
      readonly kind: 'picture' | 'file'
      /** The same in every session: names a cached thumbnail. */ readonly key: string
    }
  | { readonly bytes: Uint8Array; readonly kind: 'picture' }

const mostInMemory = 64

export class MediaNames {
  readonly #secret = randomBytes(32)
  readonly #byName = new Map<string, Media>()
  readonly #inMemory: string[] = []

  /** The name of a file in its present state: another state has another name, so that names can be cached for good. */
  ofFile(path: string, stamp: string | number, kind: 'picture' | 'file' = 'picture'): string {
    const name = createHash('sha256').update(this.#secret).update(`${kind}\0${path}\0${stamp}`).digest('base64url').slice(0, 32)
    if (!this.#byName.has(name)) {
      const key = createHash('sha256').update(`${path}\0${stamp}`).digest('hex').slice(0, 32)
      this.#byName.set(name, { path, kind, key })
    }
    return name
  }

  /** A passing picture, e.g. a preview; the oldest are forgotten. */
  ofBytes(bytes: Uint8Array): string {
    const name = randomBytes(24).toString('base64url')
    this.#byName.set(name, { bytes, kind: 'picture' })
    this.#inMemory.push(name)
    if (this.#inMemory.length > mostInMemory) this.#byName.delete(this.#inMemory.shift() ?? '')
    return name
  }

  /** Throws `media-unknown`. */
  find(name: string): Media {
    const found = this.#byName.get(name)
    if (found) return found
    throw new PigmentError('media-unknown', 'There is no such picture any more. Reload the list that shows it.', {
      name: name.slice(0, 64),
    })
  }
}
