// Requests as any program can send them, with headers that a browser would not let a page choose.
import { request } from 'node:http'
import type { StudioHost } from '../host/host.ts'
import type { Envelope } from '../api/transport.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** The path goes out as it is written: `/../x` is not tidied up first. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers }, agent: false })
    sent.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', fail)
      answer.on('end', () =>
        done({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** A host that keeps what it was asked, for tests of the shell around it. */
export function recordingHost(): StudioHost & { readonly calls: [string, unknown][]; announce(envelope: Envelope): void } {
  const calls: [string, unknown][] = []
  const listeners = new Set<(envelope: Envelope) => void>()
  return {
    calls,
    announce: (envelope) => listeners.forEach((listener) => listener(envelope)),
    invoke: (method, input) => {
      calls.push([method, input])
      return Promise.resolve({ ok: true, value: null })
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    media: (name) =>
      Promise.resolve(new Response(name, { status: name === 'known' ? 200 : 404, headers: { 'content-type': 'image/png' } })),
    drops: { open: () => Promise.resolve('drop') } as unknown as StudioHost['drops'],
    engine: {} as StudioHost['engine'],
    close: () => Promise.resolve(),
  }
}
