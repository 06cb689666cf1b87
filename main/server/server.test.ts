// One test for each way in which loopback servers of other programs were broken (quality rules 1.5).
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { StudioHost } from '../host/host.ts'
import { startServer, type StudioServer } from './server.ts'
import { ask, recordingHost } from './testing.ts'

const host = recordingHost()
const page = { bytes: new TextEncoder().encode('<!doctype html>'), type: 'text/html; charset=utf-8', fixed: false }
let server: StudioServer
let own: Record<string, string>
let cookie: string

const token = (): string => server.link().split('#t=')[1] ?? ''
const json = { 'content-type': 'application/json' }
const call = (headers: Record<string, string>, body = '{}') => ask(server.port, '/call/app.info', { method: 'POST', headers, body })

beforeAll(async () => {
  server = await startServer({ host, files: new Map([['/', page]]), bearer: 'a'.repeat(43) })
  own = { origin: server.origin, ...json }
  const opened = await ask(server.port, '/session', { method: 'POST', headers: own, body: JSON.stringify({ token: token() }) })
  cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? ''
})
afterAll(() => server.close())
beforeEach(() => void (host.calls.length = 0))

describe('who may call', () => {
  test('the page itself, with its cookie', async () => {
    expect((await call({ ...own, cookie })).status).toBe(200)
    expect(host.calls).toEqual([['app.info', {}]])
  })

  test('not a form of another site: only JSON is taken (ComfyUI issue 4850)', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
      expect((await call({ origin: server.origin, cookie, ...(type ? { 'content-type': type } : {}) })).status).toBe(415)
    expect((await call({ ...json, origin: 'https://evil.example', cookie })).status).toBe(403)
    expect(host.calls).toEqual([])
  })

  test('not a rebound name, on any method (ComfyUI issue 12860)', async () => {
    const names = [
      'evil.example',
      `evil.example:${server.port}`,
      '127.0.0.1',
      `127.0.0.1:${server.port + 1}`,
      `127.0.0.1.evil.example:${server.port}`,
    ]
    for (const name of names) {
      expect((await ask(server.port, '/', { headers: { host: name } })).status).toBe(403)
      expect((await call({ ...json, host: name, origin: `http://${name}`, cookie })).status).toBe(403)
    }
    expect((await ask(server.port, '/', { headers: { host: `localhost:${server.port}` } })).status).toBe(200)
  })

  test('not an origin of null, nothing or nonsense (ComfyUI issue 13245)', async () => {
    for (const origin of [
      'null',
      '',
      'http://127.0.0.1',
      `https://127.0.0.1:${server.port}`,
      'file://',
      `http://127.0.0.1:${server.port}.evil.example`,
    ])
      expect((await call({ ...json, origin, cookie })).status).toBe(403)
    expect((await call({ ...json, cookie })).status).toBe(403)
  })

  test('not another site that a browser names (Sec-Fetch-Site)', async () => {
    for (const site of ['cross-site', 'same-site']) expect((await call({ ...own, cookie, 'sec-fetch-site': site })).status).toBe(403)
    const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(server.port, '/', { headers: visit })).status).toBe(200)
    expect((await ask(server.port, '/', { headers: { ...visit, 'sec-fetch-dest': 'iframe' } })).status).toBe(403)
    expect((await ask(server.port, '/media/known', { headers: { ...visit, cookie } })).status).toBe(403)
  })

  test('not without a cookie, not with that of another port (code-server 4.124.2)', async () => {
    expect((await call(own)).status).toBe(401)
    const [, value] = cookie.split('=')
    expect((await call({ ...own, cookie: `pigment_${server.port + 1}=${value}` })).status).toBe(401)
    expect((await ask(server.port, '/media/known')).status).toBe(401)
    expect((await ask(server.port, '/media/known', { headers: { cookie } })).status).toBe(200)
  })

  test('a program by its token in a header, in place of a cookie', async () => {
    expect((await call({ ...json, authorization: `Bearer ${'a'.repeat(43)}` })).status).toBe(200)
    expect((await call({ ...json, authorization: `Bearer ${'b'.repeat(43)}` })).status).toBe(401)
  })

  test('no other header of that name stands for an Origin, or for the token', async () => {
    const right = 'a'.repeat(43)
    const headers = ['Basic eDp5', 'Bearer', '', 'x', `bearer ${right}`, `Bearer ${right} `, `Digest ${right}`, `Bearer ${'b'.repeat(43)}`]
    for (const authorization of headers) {
      expect((await call({ ...json, cookie, authorization })).status).toBe(authorization.trim() === `Bearer ${right}` ? 200 : 401)
      const session = { method: 'POST', headers: { ...json, authorization }, body: JSON.stringify({ token: token() }) }
      expect((await ask(server.port, '/session', session)).status).toBe(authorization.trim() === `Bearer ${right}` ? 200 : 401)
    }
    expect(host.calls).toHaveLength(1)
  })
})

describe('the link', () => {
  test('its token is good once and becomes a cookie that scripts cannot read', async () => {
    const one = token()
    expect(Buffer.from(one, 'base64url').byteLength).toBe(32)
    const open = () => ask(server.port, '/session', { method: 'POST', headers: own, body: JSON.stringify({ token: one }) })
    const first = await open()
    expect(first.status).toBe(200)
    expect(first.headers['set-cookie']?.[0]).toMatch(
      new RegExp(`^pigment_${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Max-Age=`),
    )
    expect((await open()).status).toBe(401)
  })

  test('stays in the fragment, which no log and no Referer sees (VS Code GHSA-54p6)', async () => {
    expect(new URL(server.link()).search).toBe('')
    expect((await ask(server.port, '/')).headers['referrer-policy']).toBe('no-referrer')
  })

  test('an address that is none is answered as such', async () => {
    expect((await ask(server.port, '//')).status).toBe(404)
  })

  test('wrong tokens are told to wait, and do not keep the right one out', async () => {
    const other = await startServer({ host, files: new Map([['/', page]]) })
    const attempt = (given: string) =>
      ask(other.port, '/session', {
        method: 'POST',
        headers: { ...json, origin: other.origin },
        body: JSON.stringify({ token: given }),
      }).then(({ status }) => status)
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push(await attempt('wrong'))
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    expect(await attempt(other.link().split('#t=')[1] ?? '')).toBe(200)
    await other.close()
  })
})

describe('what comes back', () => {
  test('never allows another origin (Vite CVE-2025-24010)', async () => {
    const preflight = await ask(server.port, '/call/app.info', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    for (const answer of [preflight, await call({ ...own, cookie })])
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('has the strict policy and no sniffing, also when refused (ComfyUI CVE-2026-56672)', async () => {
    for (const answer of [await ask(server.port, '/'), await ask(server.port, '/nothing'), await call(json)]) {
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
    }
  })

  test('is never a file by its path (ComfyUI CVE-2026-56671)', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/etc/passwd',
      '/media/../../etc/passwd',
      '/media/%2e%2e%2fpackage.json',
    ]
    for (const path of paths) expect([401, 404]).toContain((await ask(server.port, path)).status)
    for (const path of paths) expect((await ask(server.port, path, { headers: { cookie } })).status).toBe(404)
  })
})

describe('events', () => {
  const open = (headers: Record<string, string>, path = '/events'): Promise<string> =>
    new Promise((done) => {
      const { origin, ...rest } = headers
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { ...(origin === undefined ? {} : { origin }), headers: rest })
      socket.on('message', (text) => (done(String(text)), socket.close()))
      socket.on('close', (code) => done(`closed ${code}`))
      socket.on('unexpected-response', (_request, response) => done(`refused ${response.statusCode}`))
      socket.on('error', () => undefined)
    })

  test('reach a page of ours', async () => {
    const heard = open({ origin: server.origin, cookie })
    const timer = setInterval(() => host.announce({ topic: 'menu', sequence: 1, payload: { action: 'palette' } }), 20)
    expect(JSON.parse(await heard)).toEqual({ topic: 'menu', sequence: 1, payload: { action: 'palette' } })
    clearInterval(timer)
  })

  test('not a page of another origin, which would send our cookie along (code-server GHSA-frjg)', async () => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`])
      expect(await open({ origin, cookie })).toBe('refused 403')
    expect(await open({ cookie })).toBe('refused 403')
    expect(await open({ origin: server.origin, cookie, host: 'evil.example' })).toBe('refused 403')
    expect(await open({ origin: server.origin, cookie }, '/other')).toBe('refused 404')
  })

  test('not without a session: the channel says why', async () => {
    expect(await open({ origin: server.origin })).toBe('closed 4401')
  })
})

describe('what a request may take', () => {
  /** A socket that sends this much of a request and waits; gives the status that came, or how it ended. */
  const begin = (port: number, text: string): Promise<string> =>
    new Promise((done) => {
      const socket = connect(port, '127.0.0.1')
      let said = ''
      socket.on('data', (part: Buffer) => (said += part.toString()))
      socket.on('error', () => undefined)
      socket.on('close', () => done(/^HTTP\/1.1 (\d+)/.exec(said)?.[1] ?? 'closed'))
      socket.write(text)
    })
  const head = (port: number, path: string, more: string, method = 'POST'): string =>
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\norigin: http://127.0.0.1:${port}\r\ncontent-type: application/json\r\n${more}\r\n\r\n`
  const chunk = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`

  test('before it is known who asks: 16 KB', async () => {
    const { port } = server
    expect(await begin(port, head(port, '/session', 'content-length: 16385'))).toBe('413')
    expect(await begin(port, head(port, '/session', 'transfer-encoding: chunked') + chunk(8192) + chunk(8193))).toBe('413')
    expect(await begin(port, `${head(port, '/session', 'content-length: 16384\r\nconnection: close')}${'x'.repeat(16_384)}`)).toBe('400')
    expect(await begin(port, head(port, '/call/app.info', 'content-length: 4000000'))).toBe('401')
  })

  test('afterwards: 4 MB', async () => {
    const { port } = server
    const mine = `cookie: ${cookie}`
    expect(await begin(port, head(port, '/call/app.info', `${mine}\r\ncontent-length: ${5 * 2 ** 20}`))).toBe('413')
    expect((await call({ ...own, cookie }, JSON.stringify({ text: 'x'.repeat(2 ** 20) }))).status).toBe(200)
    expect((await call({ ...own, cookie }, '{')).status).toBe(400)
    expect(host.calls).toHaveLength(1)
  })

  test('long work whose page has gone is stopped', async () => {
    const { port } = server
    vi.spyOn(host, 'invoke').mockImplementationOnce(() => new Promise(() => undefined))
    const body = JSON.stringify({ task: 'import' })
    const socket = connect(port, '127.0.0.1')
    socket.write(`${head(port, '/call/datasets.create', `cookie: ${cookie}\r\ncontent-length: ${body.length}`)}${body}`)
    await expect.poll(() => vi.mocked(host.invoke).mock.calls.length).toBe(1)
    socket.destroy()
    await expect.poll(() => host.calls).toEqual([['app.stop', { task: 'import' }]])
    vi.restoreAllMocks()
    expect((await call({ ...own, cookie }, JSON.stringify({ task: 'import' }))).status).toBe(200)
    expect(host.calls).toHaveLength(2)
  })

  test('no body is waited for without an end', async () => {
    const drops = { receive: (_name: string, _path: string, body: Readable) => finished(body) } as unknown as StudioHost['drops']
    const within = 100
    const limits = { session: { bytes: 16_384, within }, call: { bytes: 16_384, within }, silence: within }
    const slow = await startServer({ host: { ...host, drops }, files: new Map([['/', page]]), bearer: 'a'.repeat(43), limits })
    const { port } = slow
    const some = (path: string, more: string): Promise<string> => begin(port, `${head(port, path, `${more}\r\ncontent-length: 10`)}{`)
    const bearer = `authorization: Bearer ${'a'.repeat(43)}`
    expect(await some('/session', 'accept: */*')).toBe('408')
    expect(await some('/call/app.info', bearer)).toBe('408')
    expect(await some('/drop', bearer)).toBe('408')
    const upload = head(port, '/drop/x?path=a', `${bearer}\r\ncontent-length: 10`).replace('application/json', 'application/octet-stream')
    expect(await begin(port, `${upload}{`)).toBe('closed')
    // One that nobody reads ends with its answer.
    expect(await begin(port, `${head(port, '/', 'content-length: 10', 'GET')}{`)).toBe('200')
    expect(host.calls).toEqual([])
    await slow.close()
  })

  test('sockets are counted; who comes when there is room again is served', async () => {
    const narrow = await startServer({ host, files: new Map([['/', page]]), limits: { connections: 3 } })
    const held = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect(narrow.port, '127.0.0.1')
        socket.write(head(narrow.port, '/', 'connection: keep-alive', 'GET'))
        await once(socket, 'data')
        return socket
      }),
    )
    expect(await begin(narrow.port, head(narrow.port, '/', 'connection: close', 'GET'))).toBe('closed')
    for (const socket of held) socket.destroy()
    await expect.poll(() => begin(narrow.port, head(narrow.port, '/', 'connection: close', 'GET'))).toBe('200')
    await narrow.close()
  })
})

test('a used port is told in words', async () => {
  await expect(startServer({ host, files: new Map([['/', page]]), port: server.port })).rejects.toMatchObject({ code: 'port-unusable' })
})
