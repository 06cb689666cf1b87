// Events from the host to every shell that listens.
import type { Topic, TopicPayload } from '../api/topics.ts'
import type { Envelope } from '../api/transport.ts'

export class Announcer {
  readonly #listeners = new Set<(envelope: Envelope) => void>()
  readonly #report: (error: unknown, topic: string) => void
  #sequence = 0

  constructor(report: (error: unknown, topic: string) => void = () => undefined) {
    this.#report = report
  }

  announce<T extends Topic>(topic: T, payload: TopicPayload<T>): void {
    const envelope = { topic, sequence: this.#sequence++, payload } as Envelope
    for (const listener of [...this.#listeners])
      try {
        listener(envelope)
      } catch (error) {
        // What a shell makes of the news must not undo what the news tells of.
        this.#report(error, topic)
      }
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
