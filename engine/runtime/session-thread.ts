// A session in a thread of its own. The runtime computes while it holds the thread that asked: sessions side by side need a thread each.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { errorRecord, PigmentError, type ErrorRecord } from '../spec/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { countClosed, countOpen, type Feed, type SessionOptions, type SessionSource } from './session.ts'

/** What the thread is told at its start. */
export interface ThreadTask {
  readonly source: SessionSource
  readonly options: SessionOptions
}
/** What it is asked afterwards: a run, or its end. */
export type Ask = { readonly feeds: Readonly<Record<string, Feed>>; readonly into: Readonly<Record<string, Tensor>> } | 'dispose'
export type Answer = { readonly outputs: Record<string, Tensor> } | { readonly error: ErrorRecord }

/** Beside this file, under its own ending where the program is bundled. */
const entry = new URL(import.meta.url.endsWith('.ts') ? './session-worker.ts' : './session-worker.mjs', import.meta.url)

export class SessionThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #name: string
  #asked: Promise<unknown> = Promise.resolve()

  private constructor(worker: Worker, name: string) {
    this.#worker = worker
    this.#name = name
  }

  /** Throws what `Session.open` throws, and `thread-ended` where the thread itself does not start. */
  static async open(source: SessionSource, options: SessionOptions): Promise<SessionThread> {
    const task: ThreadTask = { source, options }
    const thread = new SessionThread(new Worker(entry, { workerData: task }), source.name)
    await thread.#answer()
    countOpen(thread)
    return thread
  }

  /**
   * One run, after those asked for before. Data in shared memory is read and written where it lies; other feeds are copied, and what `into` does
   * not name comes back as a copy.
   */
  run(feeds: Readonly<Record<string, Feed>>, into: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, Tensor>> {
    const run = async (): Promise<Record<string, Tensor>> => {
      this.#worker.postMessage({ feeds, into } satisfies Ask)
      return { ...(await this.#answer()), ...into }
    }
    const done = this.#asked.then(run)
    this.#asked = done.catch(() => undefined)
    return done
  }

  /** Waits for the runs under way, then lets the thread come to its own end. */
  async [Symbol.asyncDispose](): Promise<void> {
    countClosed(this)
    await this.#asked
    if (this.#worker.threadId === -1) return
    const gone = once(this.#worker, 'exit')
    this.#worker.postMessage('dispose' satisfies Ask)
    await gone
  }

  #answer(): Promise<Record<string, Tensor>> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const done = () => void worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      const onMessage = (answer: Answer) => {
        done()
        if ('outputs' in answer) resolve(answer.outputs)
        else reject(new PigmentError(answer.error.code, answer.error.message, { ...answer.error.facts }))
      }
      const ended = (reason: string, cause?: unknown): PigmentError =>
        new PigmentError('thread-ended', `The thread that runs "${this.#name}" ended (${reason}). Try again.`, { reason }, cause)
      const onError = (error: unknown) => {
        done()
        reject(ended(errorRecord(error).message, error))
      }
      const onExit = (code: number) => {
        done()
        reject(ended(`code ${code}`))
      }
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    })
  }
}

/** A vector that threads share, all zero. */
export const sharedVector = (size: number): Float32Array => new Float32Array(new SharedArrayBuffer(size * Float32Array.BYTES_PER_ELEMENT))
