// Loaded first by the studio's process: what its page is answered and told reaches it late, as from a machine far away.
// PIGMENT_TEST_LAG=400 is that many milliseconds; of PIGMENT_TEST_LAG=50-900 each takes a time of its own, so that answers overtake one another.
import { Server, type ServerResponse } from 'node:http'
import { WebSocket } from 'ws'

const [least = 0, most = least] = (process.env.PIGMENT_TEST_LAG ?? '').split('-').map(Number)

if (most > 0) {
  const later = (work: () => void): unknown => setTimeout(work, least + Math.random() * (most - least))
  // What is asked for is done at once; only the answer is late.
  const emit = Reflect.get(Server.prototype, 'emit') as (this: Server, ...words: unknown[]) => boolean
  Server.prototype.emit = function (this: Server, name: string, ...words: unknown[]) {
    if (name === 'request') hold(words[1] as ServerResponse)
    return emit.call(this, name, ...words)
  }
  const hold = (response: ServerResponse): void => {
    const [write, end] = [response.write.bind(response), response.end.bind(response)] as ((...part: unknown[]) => boolean)[]
    const parts: unknown[] = []
    response.write = (part: unknown) => parts.push(part) > 0
    response.end = (...last: unknown[]) => {
      later(() => {
        for (const part of parts) write?.(part)
        end?.(...last)
      })
      return response
    }
  }
  // Events keep their order.
  const waiting = new WeakMap<WebSocket, (() => void)[]>()
  const send = Reflect.get(WebSocket.prototype, 'send') as (this: WebSocket, ...words: unknown[]) => void
  WebSocket.prototype.send = function (this: WebSocket, ...words: unknown[]) {
    const queue = waiting.get(this) ?? []
    waiting.set(this, queue)
    queue.push(() => this.readyState === WebSocket.OPEN && send.apply(this, words))
    later(() => queue.shift()?.())
  }
}
