// Access tokens of a person, one a site: sealed by the system's keychain where the shell has one, else in a file that nobody else may read.
// They stand in no argument, no log, no journal and no error; screens hear only that there is one.
import { readFile, rm } from 'node:fs/promises'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/requests/error.ts'

/** The system's keychain, as a shell has it. */
export interface Keeper {
  /** Whether it seals for true, now. */
  available(): boolean
  seal(text: string): Uint8Array
  /** Throws where it was sealed by another one. */
  open(sealed: Uint8Array): string
}

const kept = z.record(z.string(), z.object({ by: z.enum(['keychain', 'file']), value: z.string() }))
type Kept = z.output<typeof kept>

export interface KeptToken {
  readonly site: string
  readonly by: 'keychain' | 'file'
}

/** What travels in a header: nothing that could end it. */
const usable = /^[\x21-\x7e]{8,500}$/

export class Tokens {
  readonly #path: string
  readonly #keeper: Keeper | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: string, keeper?: Keeper) {
    this.#path = join(root, 'tokens.json')
    this.#keeper = keeper
  }

  async list(): Promise<readonly KeptToken[]> {
    return Object.entries(await this.#read()).map(([site, { by }]) => ({ site, by }))
  }

  /** Throws `token-sealed` where another keychain has it. */
  async get(site: string): Promise<string | undefined> {
    const one = (await this.#read())[site]
    if (one?.by !== 'keychain') return one?.value
    try {
      if (!this.#keeper) throw new Error('There is no keychain here.')
      return this.#keeper.open(Buffer.from(one.value, 'base64'))
    } catch {
      // What the keychain says may hold what it was given.
      throw new PigmentError(
        'token-sealed',
        `The token for ${site} is kept in the keychain of the window, which is not at hand here. Fetch it from the window, or keep the token anew from here.`,
        { site },
      )
    }
  }

  /** Throws `token-invalid`. */
  async set(site: string, token: string): Promise<KeptToken> {
    const text = token.trim()
    if (!usable.test(text))
      throw new PigmentError(
        'token-invalid',
        `This is no token: one line of 8 to 500 letters and digits is expected. Copy it again from the site.`,
        { site },
      )
    return this.keep(site, text)
  }

  /** Any text, as a person gave it: a password of a server. */
  async keep(site: string, text: string): Promise<KeptToken> {
    const sealed = this.#keeper?.available() === true ? this.#keeper : undefined
    const by = sealed ? 'keychain' : 'file'
    await this.#change((all) => ({ ...all, [site]: { by, value: sealed ? Buffer.from(sealed.seal(text)).toString('base64') : text } }))
    return { site, by }
  }

  async forget(site: string): Promise<void> {
    await this.#change(({ [site]: _gone, ...rest }) => rest)
  }

  #change(change: (all: Kept) => Kept): Promise<void> {
    const done = this.#last.then(async () => {
      const now = change(await this.#read())
      try {
        // The mode counts only when a file is made, and nothing of the old token is to stay readable.
        await rm(this.#path, { force: true })
        if (Object.keys(now).length === 0) return
        await writeFile(this.#path, JSON.stringify(now), { mode: 0o600, flag: 'wx', flush: true })
        await chmod(this.#path, 0o600)
      } catch (error) {
        throw fileError(error, this.#path, 'write')
      }
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** What cannot be read is as if it were not there: a token can be given again. */
  async #read(): Promise<Kept> {
    const text = await readFile(this.#path, 'utf8').catch(() => '{}')
    try {
      return kept.parse(JSON.parse(text))
    } catch {
      return {}
    }
  }
}
