// Both halves of a model's autoencoder as sessions, each made when first used and kept while pictures are tiled alike.
import type { Tiling } from '../requests/tiling-fields.ts'
import type { Session } from '../runtime/session.ts'

export type Half = 'encoder' | 'decoder'

export class AutoencoderSessions {
  readonly #make: (half: Half, tiling: Tiling) => Promise<Session>
  readonly #held = new Map<Half, { readonly tiling: Tiling; readonly session: Promise<Session> }>()
  constructor(make: (half: Half, tiling: Tiling) => Promise<Session>) {
    this.#make = make
  }

  async session(half: Half, tiling: Tiling): Promise<Session> {
    const known = this.#held.get(half)
    if (known?.tiling === tiling) return known.session
    await this.release(half)
    // Another call may have made it meanwhile.
    const other = this.#held.get(half)
    if (other?.tiling === tiling) return other.session
    const made = { tiling, session: this.#make(half, tiling) }
    this.#held.set(half, made)
    made.session.catch(() => {
      if (this.#held.get(half) === made) this.#held.delete(half)
    })
    return made.session
  }

  /** Frees one; it is made again when needed. */
  async release(half: Half): Promise<void> {
    const held = this.#held.get(half)
    this.#held.delete(half)
    if (held) await (await held.session)[Symbol.asyncDispose]()
  }
}
