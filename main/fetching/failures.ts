// Why something could not be fetched. A link is told without what stands behind its path: that may be a key.
import { PigmentError } from '../../engine/requests/error.ts'

/** An address as it may be told and logged. */
export function shown(url: string | URL): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** An answer or a silence that may be otherwise a moment later. */
export class Passing extends Error {
  readonly failure: PigmentError
  /** In milliseconds, where the server says when. */
  readonly after: number | undefined
  constructor(failure: PigmentError, after?: number) {
    super(failure.message, { cause: failure })
    this.failure = failure
    this.after = after
  }
}

export const stopped = (): PigmentError => new PigmentError('cancelled', 'Stopped.', {})

export const unreachable = (url: URL, cause: unknown): PigmentError => {
  const reason = reasonOf(cause)
  return new PigmentError(
    'fetch-unreachable',
    `"${url.host}" cannot be reached (${reason}). Check the connection and the proxy, and try again: what is here already stays.`,
    { host: url.host, reason },
  )
}

export const cut = (name: string, done: number, cause: unknown): PigmentError =>
  new PigmentError(
    'fetch-cut',
    `The connection ended while "${name}" was fetched, again and again (${reasonOf(cause)}). What is here stays; try again, and it goes on from there.`,
    { name, done, reason: reasonOf(cause) },
  )

/** The deepest cause has the system's word for it. */
function reasonOf(cause: unknown): string {
  for (let error = cause; ; error = error.cause) {
    if (!(error instanceof Error)) return String(error)
    if (error.cause === undefined) return 'code' in error && typeof error.code === 'string' ? error.code : error.message
  }
}

/** What an answer that is no success means. `token` is whether one was sent. */
export function refusal(response: Response, url: URL, token: boolean, about: About): PigmentError | Passing {
  const { status, headers } = response
  const where = shown(url)
  const code = headers.get('x-error-code') ?? ''
  const facts = { where, status, page: about.page, tokens: about.tokens }
  const accept = `Open ${about.page} in a browser, sign in and accept the licence there`
  const give = `make a token at ${about.tokens} and keep it in Settings (or: pigment tokens.set --site ${about.site} < token.txt)`
  if (status === 429 || status >= 500) {
    const limited = status === 429
    const after = retryAfter(headers.get('retry-after'))
    const failure = limited
      ? new PigmentError(
          'fetch-limited',
          `"${url.host}" lets nobody ask so often (429). Try again in some minutes: what is here already stays.`,
          { ...facts, host: url.host },
        )
      : new PigmentError('fetch-server', `"${url.host}" has a fault of its own (${status}). Try again later: what is here already stays.`, {
          ...facts,
          host: url.host,
        })
    return new Passing(failure, after)
  }
  if (status === 401 || status === 403) {
    if (about.tokens === undefined)
      return new PigmentError(
        'fetch-forbidden',
        `"${where}" may not be fetched (${status}). Open ${about.page} in a browser and see what it asks for.`,
        facts,
      )
    if (code === 'GatedRepo' || (status === 403 && token))
      return new PigmentError(
        'fetch-gated',
        `"${where}" is given only to who accepted its licence (${status}). ${accept}${token ? ', then try again' : `, ${give}, and try again`}.`,
        facts,
      )
    if (token)
      return new PigmentError(
        'fetch-token-refused',
        `"${url.host}" refuses the token that is kept for it (${status}). Make a new one at ${about.tokens} and keep it in its place.`,
        { ...facts, host: url.host },
      )
    return new PigmentError(
      'fetch-needs-token',
      `"${where}" is given only to who signs in, or is not there (${status}). Check the name; if it is right, ${give}.`,
      { ...facts, site: about.site },
    )
  }
  if (status === 404 || status === 410)
    return new PigmentError(
      'fetch-not-found',
      `There is nothing at "${where}" (${status}). Check the name, the version and the file.`,
      facts,
    )
  return new PigmentError(
    'fetch-answer',
    `"${where}" answers with ${status}, which is no file. Open ${about.page} in a browser and check the link.`,
    facts,
  )
}

export interface About {
  /** The source, whose token is sent to its own address. */
  readonly site: string
  /** What a person can open. */
  readonly page: string
  /** Where tokens are made; none where the source has none. */
  readonly tokens: string | undefined
}

/** Seconds, or a date. */
function retryAfter(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return undefined
  const seconds = Number(text)
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined
}
