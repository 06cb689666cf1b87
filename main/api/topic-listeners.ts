// Who hears what: the part that every transport shares.
import type { Topic } from './topics.ts'
import type { ConnectionState, Envelope } from './transport.ts'

type Listener = (envelope: Envelope) => void

export class TopicListeners {
  readonly #byTopic = new Map<Topic, Set<Listener>>()
  readonly #onState = new Set<(state: ConnectionState) => void>()
  #state: ConnectionState = 'connecting'

  subscribe<T extends Topic>(topic: T, listener: (envelope: Envelope<T>) => void): () => void {
    const known = this.#byTopic.get(topic) ?? new Set()
    this.#byTopic.set(topic, known)
    // Envelopes of a topic go only to that topic's set.
    const own = (envelope: Envelope): void => listener(envelope as Envelope<T>)
    known.add(own)
    return () => void known.delete(own)
  }

  /** Hears the state now and whenever it changes. */
  connection(listener: (state: ConnectionState) => void): () => void {
    this.#onState.add(listener)
    listener(this.#state)
    return () => void this.#onState.delete(listener)
  }

  hear(envelope: Envelope): void {
    for (const listener of [...(this.#byTopic.get(envelope.topic) ?? [])]) listener(envelope)
  }

  set state(state: ConnectionState) {
    if (state === this.#state) return
    this.#state = state
    for (const listener of [...this.#onState]) listener(state)
  }
  get state(): ConnectionState {
    return this.#state
  }
}
