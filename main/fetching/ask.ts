// One question to the network: redirects are followed by hand, so that a token goes to nobody but whom it is for.
import { PigmentError } from '../../engine/requests/error.ts'
import { Passing, refusal, shown, stopped, unreachable, type About } from './failures.ts'
import { heedProxy, type Network } from './network.ts'

export interface Question extends About {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Answers beside a success that the caller deals with. */
  readonly also?: readonly number[]
}

export interface Answer {
  readonly response: Response
  /** Ends the connection: a body that nobody reads would hold it. */
  readonly end: () => void
  /** To be called with every sign of life; without one for too long, the connection ends. */
  readonly alive: () => void
}

const mostHops = 10
const redirects = new Set([301, 302, 303, 307, 308])
const attempts = 5
/** Who asks to be left alone for longer is told to the person. */
const longestWait = 120_000
const largestJson = 32 << 20

/** Throws the reason for a refusal; `Passing` where it may be otherwise a moment later. */
export async function askOnce(question: Question, network: Network): Promise<Answer> {
  heedProxy()
  const first = address(question.url, network)
  const token = question.tokens === undefined ? undefined : await network.token(question.site)
  let url = first
  for (let hop = 0; hop <= mostHops; hop++) {
    const own = token !== undefined && url.origin === first.origin
    const answer = await knock(url, { ...question.headers, ...(own ? { authorization: `Bearer ${token}` } : {}) }, question.signal, network)
    const { response } = answer
    if (!redirects.has(response.status)) {
      if (response.ok || question.also?.includes(response.status)) return answer
      answer.end()
      throw refusal(response, url, own, question)
    }
    answer.end()
    const to = response.headers.get('location')
    if (to === null || !URL.canParse(to, url.href)) throw astray(url, 'it leads nowhere')
    url = address(new URL(to, url).href, network)
  }
  throw astray(url, `it leads on more than ${mostHops} times`)
}

/** Asks again after what passes, later each time, a few times. */
export async function ask(question: Question, network: Network): Promise<Answer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await askOnce(question, network)
    } catch (error) {
      await before(attempt, error, question.signal, network)
    }
}

/** Waits for the next attempt, or throws the failure where there is none. Doubled each time, and never at the same moment as others. */
export async function before(attempt: number, error: unknown, signal: AbortSignal, network: Network): Promise<void> {
  if (signal.aborted) throw stopped()
  if (!(error instanceof Passing)) throw error
  const wanted = error.after ?? 1000 * 2 ** (attempt - 1)
  if (attempt >= attempts || wanted > longestWait) throw error.failure
  await network.wait(wanted + network.random() * Math.max(500, wanted / 2), signal).catch(() => {
    throw stopped()
  })
}

export async function askJson(question: Question, network: Network): Promise<{ readonly json: unknown; readonly headers: Headers }> {
  const answer = await ask({ ...question, headers: { accept: 'application/json', ...question.headers } }, network)
  try {
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const part of answer.response.body ?? []) {
      answer.alive()
      parts.push(part as Uint8Array)
      bytes += (part as Uint8Array).byteLength
      if (bytes > largestJson) throw new Error('it is too long')
    }
    return { json: JSON.parse(Buffer.concat(parts).toString('utf8')), headers: answer.response.headers }
  } catch (cause) {
    if (question.signal.aborted) throw stopped()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PigmentError(
      'fetch-answer',
      `"${shown(question.url)}" does not answer as it should (${reason}). Try again later, or open ${question.page} in a browser.`,
      { where: shown(question.url), page: question.page, reason },
      cause,
    )
  } finally {
    answer.end()
  }
}

/** Throws `fetch-link-insecure` and `fetch-link-secret`. */
function address(text: string, { hubs }: Network): URL {
  const url = new URL(text)
  if (url.username || url.password)
    throw new PigmentError(
      'fetch-link-secret',
      `The link to "${url.host}" holds a name or password. Take it out: links are kept in lists and logs.`,
      { host: url.host },
    )
  if (url.protocol !== 'https:' && !hubs.plain.includes(url.origin))
    throw new PigmentError(
      'fetch-link-insecure',
      `"${shown(url)}" is not an https address, so what comes could be anybody's. Use an https link.`,
      { where: shown(url) },
    )
  return url
}

const astray = (url: URL, why: string): PigmentError =>
  new PigmentError('fetch-astray', `"${shown(url)}" redirects, and ${why}. Open it in a browser, and use the link that it ends at.`, {
    where: shown(url),
    why,
  })

async function knock(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal, network: Network): Promise<Answer> {
  const own = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => own.abort(new Error(`nothing came for ${Math.round(network.silence / 1000)} s`)), network.silence)
  }
  const end = (): void => {
    clearTimeout(timer)
    own.abort(new Error('ended'))
  }
  alive()
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, own.signal]),
      // A packed body would have another length, and its parts could not be asked for.
      headers: { 'user-agent': 'pigment', 'accept-encoding': 'identity', ...headers },
    })
    alive()
    return { response, end, alive }
  } catch (cause) {
    end()
    if (signal.aborted) throw stopped()
    throw new Passing(unreachable(url, cause))
  }
}
