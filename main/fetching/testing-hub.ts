// A hub and the storage that it sends askers on to, two servers of this machine, with the faults that real ones have.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Network } from './network.ts'

export interface Stored {
  bytes: Uint8Array
  etag?: string
  /** Answers every question with the whole. */
  rangeless?: boolean
  /** Says this length, whatever comes. */
  saidLength?: number
  /** Without a length: its end is the end of the connection's body. */
  unmeasured?: boolean
  disposition?: string
  /** Connections end after so many bytes, one after the other; then they do not. */
  cuts?: number[]
  /** What it becomes once so many answers began. */
  later?: { readonly after: number; readonly bytes: Uint8Array; readonly etag: string }
  /** Parts are given without asking whether they are of the same state. */
  heedless?: boolean
}
export interface Asked {
  readonly server: 'hub' | 'storage'
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}
type Fault = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }

export interface TestHub {
  readonly hub: string
  readonly storage: string
  readonly asked: Asked[]
  /** Of the storage, by path. */
  readonly stored: Map<string, Stored>
  /** JSON by path of the hub. */
  readonly answers: Map<string, unknown>
  /** The next answers of a server, in place of what it would give. */
  readonly faults: { hub: Fault[]; storage: Fault[] }
  /** Waits that were asked for, in milliseconds: none is waited for. */
  readonly waits: number[]
  readonly network: Network
  /** So many bytes have arrived: a cut waits for what was sent before it, which a reader may lose with the connection. */
  readonly seen: (bytes: number) => void
  /** A repository of Hugging Face's with these files; large ones are in its storage, by their hash. */
  repo(id: string, files: Readonly<Record<string, Uint8Array>>, facts?: Readonly<Record<string, unknown>>): Map<string, Stored>
  close(): Promise<void>
}

export const commit = '0123456789abcdef0123456789abcdef01234567'
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const gitSha1 = (bytes: Uint8Array): string => createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
/** Smaller ones are kept in git itself. */
const inGit = 256

export async function startHub(change: Partial<Network> = {}): Promise<TestHub> {
  const [asked, waits, stored, answers] = [[] as Asked[], [] as number[], new Map<string, Stored>(), new Map<string, unknown>()]
  const faults: TestHub['faults'] = { hub: [], storage: [] }
  const moved = new Map<string, string>()
  const began = new Map<Stored, number>()
  const held: Held[] = []

  const listen = async (
    name: Asked['server'],
    give: (path: string, request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<[Server, string]> => {
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      asked.push({ server: name, method: request.method ?? '', path, headers: request.headers })
      const fault = faults[name].shift()
      if (fault) return void response.writeHead(fault.status, fault.headers).end(fault.body)
      give(path, request, response)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
  }
  const [storageServer, storage] = await listen('storage', (path, request, response) => {
    const found = stored.get(path.split('?')[0] ?? '')
    if (!found) return void response.writeHead(404).end()
    const count = (began.get(found) ?? 0) + 1
    began.set(found, count)
    if (found.later && count > found.later.after)
      Object.assign(found, { bytes: found.later.bytes, etag: found.later.etag, later: undefined })
    giveStored(found, request, response, held)
  })
  const [hubServer, hub] = await listen('hub', (path, _request, response) => {
    const bare = path.split('?')[0] ?? ''
    const json = answers.get(path) ?? answers.get(bare)
    const to = moved.get(bare)
    if (to !== undefined) return void response.writeHead(302, { location: to }).end()
    const small = stored.get(bare)
    if (small) return giveStored(small, _request, response, held)
    if (json === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(typeof json === 'string' ? json : JSON.stringify(json))
  })

  return {
    ...{ hub, storage, asked, stored, answers, faults, waits },
    network: {
      hubs: { huggingFace: hub, civitai: hub, python: hub, plain: [hub, storage] },
      token: () => Promise.resolve(undefined),
      wait: (milliseconds, signal) =>
        signal.aborted ? Promise.reject(new Error('aborted')) : (waits.push(milliseconds), Promise.resolve()),
      random: () => 0,
      free: () => Promise.resolve(1e15),
      silence: 20_000,
      ...change,
    },
    seen(bytes) {
      for (const one of held.filter(({ at }) => bytes >= at)) {
        held.splice(held.indexOf(one), 1)
        one.response.destroy()
      }
    },
    repo(id, files, facts = {}) {
      const made = new Map<string, Stored>()
      const siblings = Object.entries(files).map(([path, bytes]) => {
        const large = bytes.byteLength >= inGit
        const one: Stored = { bytes, etag: `"${sha256(bytes).slice(0, 16)}"` }
        made.set(path, one)
        const at = `/${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`
        if (large) {
          stored.set(`/blob/${sha256(bytes)}`, one)
          moved.set(at, `${storage}/blob/${sha256(bytes)}?signature=abc`)
        } else stored.set(at, one)
        return {
          rfilename: path,
          size: bytes.byteLength,
          blobId: gitSha1(bytes),
          ...(large ? { lfs: { sha256: sha256(bytes), size: bytes.byteLength } } : {}),
        }
      })
      const answer = { id, sha: commit, gated: false, cardData: { license: 'openrail++' }, siblings, ...facts }
      for (const revision of ['main', commit]) answers.set(`/api/models/${id}/revision/${revision}`, answer)
      return made
    },
    async close() {
      for (const server of [hubServer, storageServer]) {
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
      }
    },
  }
}

interface Held {
  readonly at: number
  readonly response: ServerResponse
}

function giveStored(one: Stored, request: IncomingMessage, response: ServerResponse, held: Held[]): void {
  const { bytes, etag, rangeless, saidLength, unmeasured, disposition, heedless } = one
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const same = heedless === true || request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  const part = wanted !== null && !rangeless && same
  const from = part ? Number(wanted[1]) : 0
  const to = part && wanted[2] ? Number(wanted[2]) + 1 : bytes.byteLength
  const common = { ...(etag === undefined ? {} : { etag }), ...(disposition === undefined ? {} : { 'content-disposition': disposition }) }
  if (part && from >= bytes.byteLength)
    return void response.writeHead(416, { ...common, 'content-range': `bytes */${bytes.byteLength}` }).end()
  const body = bytes.subarray(from, to)
  response.writeHead(part ? 206 : 200, {
    ...common,
    ...(unmeasured ? {} : { 'content-length': saidLength ?? body.byteLength }),
    ...(part ? { 'content-range': `bytes ${from}-${to - 1}/${bytes.byteLength}` } : {}),
  })
  const cut = to - from > 1 ? one.cuts?.shift() : undefined
  const short = saidLength !== undefined && saidLength > body.byteLength
  if (cut === undefined && !short) return void response.end(body)
  const sent = cut ?? body.byteLength
  response.write(body.subarray(0, sent))
  if (sent === 0) return void response.destroy()
  held.push({ at: from + sent, response })
}
