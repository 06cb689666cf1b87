// Events to browsers, one WebSocket each. It only sends; whatever a page sends is ignored but for its size.
import type { Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { StudioHost } from '../host/host.ts'
import { refuseUpgrade } from './guard.ts'
import type { Sessions } from './sessions.ts'

const mostPayload = 1024
/** A page that does not read is let go: it asks for the state again when it is back. */
const mostBuffered = 16 * 1024 * 1024
const heartbeat = 30_000

interface Around {
  readonly host: StudioHost
  readonly sessions: Sessions
  readonly port: number
}

export function serveEvents(server: Server, { host, sessions, port }: Around): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostPayload, clientTracking: true })
  const alive = new WeakSet<WebSocket>()
  server.on('upgrade', (request, socket, head) => {
    // A socket that breaks before it is a channel is nobody's, and its error would end the process.
    socket.on('error', () => socket.destroy())
    const refused = refuseUpgrade(request, port, sessions.hasBearer(request))
    if (refused) return void socket.end(`HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ''}\r\nconnection: close\r\n\r\n`)
    sockets.handleUpgrade(request, socket, head, (opened) => {
      // A browser cannot see the status of a refused upgrade, but it sees why a channel was closed.
      if (!sessions.knows(request)) return opened.close(4401, 'session-unknown')
      alive.add(opened)
      opened.on('pong', () => alive.add(opened))
      opened.on('error', () => opened.terminate())
      sockets.emit('connection', opened, request)
    })
  })
  const stop = host.listen((envelope) => {
    const text = JSON.stringify(envelope)
    for (const socket of sockets.clients) {
      if (socket.readyState !== socket.OPEN) continue
      if (socket.bufferedAmount > mostBuffered) socket.terminate()
      else socket.send(text)
    }
  })
  const beat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!alive.has(socket)) socket.terminate()
      alive.delete(socket)
      socket.ping()
    }
  }, heartbeat)
  beat.unref()
  return {
    close() {
      stop()
      clearInterval(beat)
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
