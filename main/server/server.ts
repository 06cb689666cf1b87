// The studio in a browser: one loopback server for the pages, the calls, the events and the pictures.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { Reply } from '../api/transport.ts'
import { securityHeaders } from '../host/security-headers.ts'
import type { InterfaceFiles } from '../host/interface-files.ts'
import type { StudioHost } from '../host/host.ts'
import { readJson, watchSilence, type BodyLimit } from './body.ts'
import { serveEvents } from './events.ts'
import { refuseRequest, refuseType, type Refusal } from './guard.ts'
import { Sessions } from './sessions.ts'

export interface ServerOptions {
  readonly host: StudioHost
  readonly files: InterfaceFiles
  /** 0 takes a free one. */
  readonly port?: number
  readonly bearer?: string
  readonly limits?: Partial<Limits>
}
/** What a stranger, and then a page that was let in, may take of the host. */
interface Limits {
  /** Sockets at a time: a browser has six and a channel for each page. */
  readonly connections: number
  /** Before it is known who asks. */
  readonly session: BodyLimit
  readonly call: BodyLimit
  /** Milliseconds that a file on its way may bring nothing. */
  readonly silence: number
}
const usual: Limits = {
  connections: 128,
  session: { bytes: 16 * 1024, within: 5000 },
  call: { bytes: 4 * 1024 * 1024, within: 60_000 },
  silence: 60_000,
}
export interface StudioServer {
  readonly port: number
  readonly origin: string
  /** With a fresh one-time token. */
  link(): string
  close(): Promise<void>
}

export async function startServer({ host, files, port: wanted = 0, bearer, limits: own }: ServerOptions): Promise<StudioServer> {
  const limits = { ...usual, ...own }
  // The time of a whole request is that of its body: a file may be long on its way.
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 0, headersTimeout: 10_000, connectionsCheckingInterval: 2000 })
  server.maxConnections = limits.connections
  await listen(server, wanted)
  const { port } = server.address() as AddressInfo
  const sessions = new Sessions(port, bearer)
  server.on('request', (request, response) => {
    // What is answered already has nothing more to send.
    response.on('finish', () => void (request.complete || request.socket.destroySoon()))
    answer(request, response, { host, files, sessions, port, limits }).catch((error: unknown) => {
      if (!response.headersSent) sendReply(response, statusOf(error), { ok: false, error: errorRecord(error) })
      else response.destroy()
    })
  })
  const events = serveEvents(server, { host, sessions, port })
  const origin = `http://127.0.0.1:${port}`
  return {
    port,
    origin,
    link: () => `${origin}/#t=${sessions.newToken()}`,
    async close() {
      events.close()
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE'
      fail(
        new PigmentError(
          'port-unusable',
          `Port ${port} ${inUse ? 'is in use' : 'cannot be used'}. Choose another with --port.`,
          { port },
          cause,
        ),
      )
    })
    server.listen(port, '127.0.0.1', done)
  })
}

interface Around {
  readonly host: StudioHost
  readonly files: InterfaceFiles
  readonly sessions: Sessions
  readonly port: number
  readonly limits: Limits
}

async function answer(request: IncomingMessage, response: ServerResponse, around: Around): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  const refused = refuseRequest(request, around.port, around.sessions.hasBearer(request))
  if (refused) return refuse(response, refused)
  // Only the path and the query are ours to read; the host was checked above.
  const url = URL.parse(request.url ?? '/', 'http://studio')
  if (!url) return refuse(response, nothingHere)
  if (request.method === 'GET' && !url.pathname.startsWith('/media/')) return sendFile(response, around.files, url.pathname)
  if (request.method === 'POST' && url.pathname === '/session') return openSession(request, response, around)
  if (!around.sessions.knows(request)) return refuse(response, signIn)
  if (request.method === 'GET') return sendMedia(response, around.host, url)
  if (request.method !== 'POST') return refuse(response, { status: 405, code: 'method-refused', message: 'Only GET and POST.' })
  return post(request, response, around, url)
}

const nothingHere: Refusal = { status: 404, code: 'not-found', message: 'There is nothing at this address.' }
const signIn: Refusal = {
  status: 401,
  code: 'session-unknown',
  message: 'Open the link that the studio printed, or start it again for a new one.',
}

async function post(request: IncomingMessage, response: ServerResponse, { host, limits }: Around, url: URL): Promise<void> {
  const upload = /^\/drop\/([\w-]{1,64})$/.exec(url.pathname)?.[1]
  const wrongType = refuseType(request, upload ? 'application/octet-stream' : 'application/json')
  if (wrongType) return refuse(response, wrongType)
  if (upload) {
    const arrived = watchSilence(request, limits.silence)
    await host.drops.receive(upload, url.searchParams.get('path') ?? '', request).finally(arrived)
    return sendReply(response, 200, { ok: true, value: null })
  }
  const input = await readJson(request, limits.call)
  if (url.pathname === '/drop') return sendReply(response, 200, await opened(host.drops.open(input)))
  const method = /^\/call\/([a-z]+(?:\.[a-zA-Z]+)?)$/.exec(url.pathname)?.[1]
  if (!method) return refuse(response, nothingHere)
  // What the studio answers is an answer, also when it is an error of its own.
  const left = (): void => {
    const task = (input as { task?: unknown } | null)?.task
    // Who asked has gone and will not ask to stop it any more.
    if (!response.writableEnded && typeof task === 'string') void host.invoke('app.stop', { task })
  }
  response.once('close', left)
  sendReply(response, 200, await host.invoke(method, input))
}

const opened = (drop: Promise<string>): Promise<Reply> =>
  drop.then(
    (name) => ({ ok: true, value: { drop: name } }),
    (error: unknown) => ({ ok: false, error: errorRecord(error) }),
  )

async function openSession(request: IncomingMessage, response: ServerResponse, { sessions, limits }: Around): Promise<void> {
  const wrongType = refuseType(request, 'application/json')
  if (wrongType) return refuse(response, wrongType)
  const body = (await readJson(request, limits.session)) as { token?: unknown } | null
  const cookie = sessions.exchange(typeof body?.token === 'string' ? body.token.slice(0, 200) : '')
  if (cookie === 'too-many')
    return refuse(response, { status: 429, code: 'session-refused', message: 'Too many wrong tokens. Wait a minute.' })
  if (cookie === 'wrong') return refuse(response, { ...signIn, code: 'session-refused' })
  response.setHeader('set-cookie', cookie)
  sendReply(response, 200, { ok: true, value: null })
}

function sendFile(response: ServerResponse, files: InterfaceFiles, path: string): void {
  const file = files.get(path)
  if (!file) return refuse(response, { status: 404, code: 'not-found', message: 'There is nothing at this address.' })
  response.setHeader('content-type', file.type)
  response.setHeader('cache-control', file.fixed ? 'public, max-age=31536000, immutable' : 'no-store')
  response.end(file.bytes)
}

async function sendMedia(response: ServerResponse, host: StudioHost, url: URL): Promise<void> {
  const found = await host.media(url.pathname.slice('/media/'.length), Number(url.searchParams.get('side') ?? 0))
  response.writeHead(found.status, Object.fromEntries(found.headers))
  if (!found.body) return void response.end()
  Readable.fromWeb(found.body as import('node:stream/web').ReadableStream)
    .on('error', () => response.destroy())
    .pipe(response)
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  sendReply(response, status, { ok: false, error: { code, message, facts: {} } })
}

function sendReply(response: ServerResponse, status: number, reply: Reply): void {
  // The rest of a refused upload is not waited for.
  if (status >= 400) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(reply))
}

function statusOf(error: unknown): number {
  const code = error instanceof PigmentError ? error.code : ''
  return statuses[code] ?? 400
}

const statuses: Readonly<Record<string, number>> = { 'body-too-large': 413, 'drop-too-large': 413, 'body-late': 408, 'disk-full': 507 }
