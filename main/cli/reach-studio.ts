// The studio for the terminal: the one that runs on the data folder, by its door, else one of our own for this call.
import { WebSocket } from 'ws'
import { PigmentError } from '../../engine/requests/error.ts'
import { httpTransport } from '../api/http-transport.ts'
import { reviveError } from '../api/revive-error.ts'
import { topics } from '../api/topics.ts'
import type { Envelope } from '../api/transport.ts'
import { findDoor } from '../stores/door.ts'
import { dataFolder } from '../places/places.ts'

export interface ReachedStudio {
  /** Throws what the studio answers with. */
  invoke(method: string, input: unknown): Promise<unknown>
  listen(listener: (envelope: Envelope) => void): void
  close(): Promise<void>
}

export interface Reaching {
  readonly folder?: string
  /** One of our own begins no waiting job. */
  readonly idle?: boolean
}

/** Throws `already-running` where another terminal has the folder for a moment, or a studio could not open its door. */
export async function reachStudio({ folder = dataFolder(), idle = false }: Reaching = {}): Promise<ReachedStudio> {
  const { openHost } = await import('../host/host.ts')
  try {
    const host = await openHost({ folder, idle })
    return {
      async invoke(method, input) {
        const reply = await host.invoke(method, input)
        if (!reply.ok) throw reviveError(reply.error)
        return reply.value
      },
      listen: (listener) => void host.listen(listener),
      close: () => host.close(),
    }
  } catch (error) {
    const door = error instanceof PigmentError && error.code === 'already-running' ? await findDoor(folder, error.facts.process) : undefined
    if (!door) throw error
    return throughDoor(door)
  }
}

async function throughDoor({ origin, token }: { readonly origin: string; readonly token: string }): Promise<ReachedStudio> {
  const headers = { authorization: `Bearer ${token}` }
  // The two kinds of socket have in common what is used of them.
  const socket = (url: string): globalThis.WebSocket => new WebSocket(url, { headers }) as unknown as globalThis.WebSocket
  const transport = httpTransport({ origin, headers, socket })
  // What is asked for before the channel is open could end before its news are heard.
  await new Promise<void>((heard) => transport.connection((state) => state !== 'connecting' && heard()))
  return {
    invoke: (method, input) => transport.invoke(method, input),
    listen: (listener) => topics.forEach((topic) => transport.subscribe(topic, listener)),
    close: () => Promise.resolve(transport.close()),
  }
}
