// Events from the host to every shell that listens.
import type { Topic, TopicPayload } from '../api/topics.ts'
import type { Envelope } from '../api/transport.ts'

export class Announcer {
  readonly #listeners = new Set<(envelope: Envelope) => void>()
  #sequence = 0

  announce<T extends Topic>(topic: T, payload: TopicPayload<T>): void {
    const envelope = { topic, sequence: this.#sequence++, payload } as Envelope
    for (const listener of [...this.#listeners]) listener(envelope)
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
