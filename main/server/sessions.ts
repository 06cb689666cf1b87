// Who has been let in: the link's token is good once and becomes a cookie.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const lifetime = 30 * 24 * 3600
const mostSessions = 32
/** Wrong tokens a minute before others are told to wait. The right one is never: 256 bits are not guessed, and who holds it has no part in what others try. */
const patience = 10

export class Sessions {
  readonly #port: number
  readonly #sessions: Buffer[] = []
  readonly #bearer: Buffer
  #token: Buffer | undefined
  #failures: number[] = []

  /** `bearer` lets a program in without a cookie; nobody else knows it. */
  constructor(port: number, bearer: string = randomBytes(32).toString('base64url')) {
    this.#port = port
    this.#bearer = hash(bearer)
  }

  /** A fresh one-time token of 256 bits; an older one is no longer good. */
  newToken(): string {
    const token = randomBytes(32).toString('base64url')
    this.#token = hash(token)
    return token
  }

  /** The cookie header for a right token, once. */
  exchange(token: string, now = Date.now()): string | 'wrong' | 'too-many' {
    if (!this.#token || !timingSafeEqual(hash(token), this.#token)) {
      this.#failures = this.#failures.filter((at) => now - at < 60_000)
      if (this.#failures.length >= patience) return 'too-many'
      this.#failures.push(now)
      return 'wrong'
    }
    this.#token = undefined
    const session = randomBytes(32).toString('base64url')
    this.#sessions.push(hash(session))
    if (this.#sessions.length > mostSessions) this.#sessions.shift()
    return `${this.cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${lifetime}`
  }

  /** Cookies are shared by all ports of a host, so the name carries ours. */
  get cookieName(): string {
    return `pigment_${this.#port}`
  }

  /** Whether a request shows the token of programs. */
  hasBearer({ headers }: IncomingMessage): boolean {
    const bearer = /^Bearer ([\w-]{20,100})$/.exec(headers.authorization ?? '')?.[1]
    return bearer !== undefined && timingSafeEqual(hash(bearer), this.#bearer)
  }

  knows(request: IncomingMessage): boolean {
    // Who shows a header of programs is taken for one, and has no use of a cookie.
    if (request.headers.authorization !== undefined) return this.hasBearer(request)
    const value = cookieOf(request.headers.cookie ?? '', this.cookieName)
    if (value === undefined) return false
    const given = hash(value)
    return this.#sessions.some((known) => timingSafeEqual(known, given))
  }
}

function cookieOf(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
