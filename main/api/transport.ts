// What carries calls and events across the border. The window, the loopback server and tests differ only in this.
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { MediaId } from './shapes.ts'
import type { Topic, TopicPayload } from './topics.ts'

/** One event as it travels. `sequence` grows by one with each; a gap means that the renderer should ask again for what it shows. */
export interface Envelope<T extends Topic = Topic> {
  readonly topic: T
  readonly sequence: number
  readonly payload: TopicPayload<T>
}

/** What comes back from a call: never an exception, always data. */
export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorRecord }

export interface DroppedFile {
  /** Its name, or its path inside the dropped folder with `/`. */
  readonly path: string
  readonly blob: Blob
}

export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface Transport {
  /** Calls `group.name`. Throws a PigmentError made from the host's record. */
  invoke(method: string, input: unknown): Promise<unknown>
  /** Hears every event of a topic until the returned function is called. */
  subscribe<T extends Topic>(topic: T, listener: (envelope: Envelope<T>) => void): () => void
  /** `lost` while the host is away (events are missed, calls fail with `host-unreachable`), `refused` when the session is not known. */
  connection(listener: (state: ConnectionState) => void): () => void
  /** Hands files over and gives the name by which methods take them (`{ drop: id }`). Big ones stream. */
  drop(files: readonly DroppedFile[], progress?: (sentBytes: number, totalBytes: number) => void): Promise<string>
  /** Address of a picture or file; `side` asks for a thumbnail whose longer side is about that (64 … 1024). */
  media(id: MediaId, side?: number): string
}
