// Where steps are computed: all by one session, or side by side by several, each in a thread of its own.
import type { Graph } from '../graph/graph.ts'
import { SessionThread, sharedVector } from '../runtime/session-thread.ts'
import { Session, sourceOf, type SessionOptions } from '../runtime/session.ts'
import type { PigmentError } from '../requests/error.ts'

export interface LanesOptions {
  readonly count: number
  /** Of each lane. */
  readonly threads: number
  readonly session: SessionOptions
}

export class Lanes implements AsyncDisposable {
  readonly sessions: readonly (Session | SessionThread)[]
  /** Why there is one lane where there should be several. */
  readonly refused: PigmentError | undefined

  private constructor(sessions: readonly (Session | SessionThread)[], refused?: PigmentError) {
    this.sessions = sessions
    this.refused = refused
  }

  /** Throws what `Session.create` throws. A thread that does not start costs time and nothing else: one lane takes all work, with the same bits. */
  static async open(graph: Graph, { count, threads, session: options }: LanesOptions): Promise<Lanes> {
    if (count === 1) return new Lanes([await Session.create(graph, options)])
    const source = sourceOf(graph, options)
    const session = { ...options, threads }
    const opened = await Promise.allSettled(Array.from({ length: count }, () => SessionThread.open(source, session)))
    const sessions = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = opened.find((one) => one.status === 'rejected')
    if (!failed) return new Lanes(sessions)
    await Promise.all(sessions.map((one) => one[Symbol.asyncDispose]()))
    const reason = failed.reason as PigmentError
    if (reason.code !== 'thread-ended') throw reason
    return new Lanes([await Session.open(source, session)], reason)
  }

  /** A vector that all lanes see: a copy of `values` in shared memory where there are threads. */
  shared(values: Float32Array): Float32Array {
    if (this.sessions.length === 1) return values
    const vector = sharedVector(values.length)
    vector.set(values)
    return vector
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sessions.map((one) => one[Symbol.asyncDispose]()))
  }
}
