// The studio in a window: the few functions that the preload script shows, as a transport.
import { unwrap } from './revive-error.ts'
import { TopicListeners } from './topic-listeners.ts'
import type { Envelope, Reply, Transport } from './transport.ts'

/** What the preload script puts on the window as `pigment`. Nothing else crosses. */
export interface Bridge {
  invoke(method: string, input: unknown): Promise<Reply>
  listen(listener: (envelope: Envelope) => void): void
  /** Paths of dropped files, known only to the system and this page. */
  drop(files: readonly { readonly path: string; readonly blob: Blob }[]): Promise<Reply>
}

export function bridgeTransport(bridge: Bridge): Transport {
  const listeners = new TopicListeners()
  bridge.listen((envelope) => listeners.hear(envelope))
  listeners.state = 'connected'
  return {
    invoke: async (method, input) => unwrap(await bridge.invoke(method, input)),
    subscribe: (topic, listener) => listeners.subscribe(topic, listener),
    connection: (listener) => listeners.connection(listener),
    async drop(files, progress) {
      const total = files.reduce((sum, { blob }) => sum + blob.size, 0)
      const { drop } = unwrap(await bridge.drop(files)) as { drop: string }
      progress?.(total, total)
      return drop
    },
    media: (media, side) => `media://studio/${media}${side ? `?side=${side}` : ''}`,
  }
}
