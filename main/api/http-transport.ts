// Calls by POST, events by WebSocket: the studio in a browser, talking to the loopback server.
import { PigmentError } from '../../engine/requests/error.ts'
import { unwrap } from './revive-error.ts'
import { TopicListeners } from './topic-listeners.ts'
import type { DroppedFile, Envelope, Reply, Transport } from './transport.ts'

export interface HttpTransportOptions {
  /** Where the server is, without a final slash; '' for the page's own. */
  readonly origin?: string
  /** Sent along in tests and by the terminal; a browser has its cookie. */
  readonly headers?: Readonly<Record<string, string>>
  readonly socket?: (url: string) => WebSocket
  readonly pageOrigin?: string
}

export interface HttpTransport extends Transport {
  close(): void
}

const retryFirst = 250
const retryMost = 4000

/** Trades the one-time token of the link for the session's cookie. False when it was used before or is wrong. */
export async function openSession(token: string, origin = ''): Promise<boolean> {
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ token }),
    credentials: 'same-origin',
  })
  return answer.ok
}

const json = { 'content-type': 'application/json' }

/** What a page says as it goes must arrive: a browser carries that further where it is small. */
const mostFarewell = 32_000
const isGoing = (): boolean => (globalThis as { document?: { visibilityState: string } }).document?.visibilityState === 'hidden'

export function httpTransport({ origin = '', headers = {}, socket, pageOrigin = origin }: HttpTransportOptions = {}): HttpTransport {
  const listeners = new TopicListeners()
  let current: WebSocket | undefined
  let closed = false
  let wait = retryFirst

  const send = async (path: string, init: RequestInit): Promise<unknown> => {
    const keepalive = isGoing() && typeof init.body === 'string' && init.body.length < mostFarewell
    const asked = fetch(`${origin}${path}`, { credentials: 'same-origin', keepalive, ...init, method: 'POST' })
    const answer = await asked.catch((cause: unknown) => {
      throw new PigmentError('host-unreachable', 'The studio does not answer. Check that it still runs, then try again.', {}, cause)
    })
    if (answer.status === 401) listeners.state = 'refused'
    const reply = (await answer.json().catch(() => undefined)) as Reply | undefined
    if (reply && 'ok' in reply) return unwrap(reply)
    throw new PigmentError('host-unreachable', `The studio answered ${answer.status} without a reason. Start it again.`, {
      status: answer.status,
    })
  }

  const connect = (): void => {
    if (closed) return
    const page = pageOrigin || ((globalThis as { location?: { origin: string } }).location?.origin ?? '')
    const address = `${page.replace(/^http/, 'ws')}/events`
    const opened = (current = socket ? socket(address) : new WebSocket(address))
    opened.addEventListener('open', () => {
      wait = retryFirst
      listeners.state = 'connected'
    })
    opened.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') listeners.hear(JSON.parse(data) as Envelope)
    })
    opened.addEventListener('close', ({ code }) => {
      if (closed) return
      listeners.state = code === 4401 ? 'refused' : 'lost'
      if (code !== 4401) setTimeout(connect, (wait = Math.min(wait * 2, retryMost)))
    })
    // A failed attempt also closes; there is nothing more to learn from it.
    opened.addEventListener('error', () => undefined)
  }
  connect()

  return {
    invoke: (method, input) => send(`/call/${method}`, { headers: { ...json, ...headers }, body: JSON.stringify(input ?? {}) }),
    subscribe: (topic, listener) => listeners.subscribe(topic, listener),
    connection: (listener) => listeners.connection(listener),
    drop: async (files, progress) => {
      const wanted = JSON.stringify({ files: files.length, bytes: files.reduce((sum, { blob }) => sum + blob.size, 0) })
      const { drop } = (await send('/drop', { headers: { ...json, ...headers }, body: wanted })) as { drop: string }
      await dropAll(files, progress, (file) =>
        send(`/drop/${drop}?path=${encodeURIComponent(file.path)}`, {
          headers: { 'content-type': 'application/octet-stream', ...headers },
          body: file.blob,
        }),
      )
      return drop
    },
    media: (media, side) => `${origin}/media/${media}${side ? `?side=${side}` : ''}`,
    close() {
      closed = true
      current?.close()
    },
  }
}

/** Sent side by side, so that many small files to a host far away do not wait for one another's answers. */
const filesAtOnce = 4

/** Ends at the first file that fails, with its error. */
async function dropAll(
  files: readonly DroppedFile[],
  progress: ((sent: number, total: number) => void) | undefined,
  put: (file: DroppedFile) => Promise<unknown>,
): Promise<void> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0)
  const waiting = [...files]
  let sent = 0
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await put(file)
      progress?.((sent += file.blob.size), total)
    }
  }
  try {
    await Promise.all(Array.from({ length: filesAtOnce }, worker))
  } finally {
    waiting.length = 0
  }
}
