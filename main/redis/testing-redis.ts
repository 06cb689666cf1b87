// A real Redis for tests: started on a free port with a folder of its own, and gone with the test.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Why there is none, for `context.skip`; undefined where there is one. */
export const redisMissing = (): string | undefined =>
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not installed (Debian: apt-get install redis-server): nothing of the queue on Redis was tested.'

export interface TestRedis extends AsyncDisposable {
  readonly port: number
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
}

/** Keeps what it knows in an append-only file, so that it can be killed and started again. */
export async function startRedis(password = ''): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-redis-'))
  const port = await freePort()
  let server: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    const child = server
    server = undefined
    if (!child || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async (): Promise<void> => {
    const options = {
      port,
      bind: '127.0.0.1',
      dir: folder,
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
      ...(password ? { requirepass: password } : {}),
    }
    server = spawn(
      'redis-server',
      Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    )
    while (!(await answers(port))) await delay(20)
  }
  await start()
  return {
    ...{ port, kill, start, url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}` },
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => (socket.destroy(), done(/PONG|NOAUTH/.test(String(data)))))
    socket.on('error', () => done(false))
  })

/** A cable to a port that can be pulled: connections end, and new ones are refused, until it is put back. */
export async function cable(port: number): Promise<{ readonly port: number; pull(): void; plug(): void; close(): void }> {
  const sockets = new Set<Socket>()
  let pulled = false
  const server = createServer((from) => {
    if (pulled) return void from.destroy()
    const to = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => undefined)
      one.on('close', () => (sockets.delete(one), other.destroy()))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pull = (): void => {
    pulled = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    pull,
    plug: () => void (pulled = false),
    close: () => (pull(), void server.close()),
  }
}
