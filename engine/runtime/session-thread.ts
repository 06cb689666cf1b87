// A session in a thread of its own. The runtime computes while it holds the thread that asked: sessions side by side need a thread each.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { errorRecord, PigmentError, type ErrorRecord } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { OptimizedModelsPlace } from './optimized-models.ts'
import { optimizedModelsPlace } from './optimized-session.ts'
import { countClosed, countOpen, type Feed, type SessionOptions, type SessionSource } from './session.ts'

/** What the thread is told at its start. */
export interface ThreadTask {
  readonly source: SessionSource
  readonly options: SessionOptions
  readonly optimized: OptimizedModelsPlace | undefined
}
/** What it is asked afterwards: a run, or its end. */
export type Ask = { readonly feeds: Readonly<Record<string, Feed>>; readonly into: Readonly<Record<string, Tensor>> } | 'dispose'
export type Answer = { readonly outputs: Record<string, Tensor> } | { readonly error: ErrorRecord }

/** Beside this file, under its own ending where the program is bundled. */
const entry = new URL(import.meta.url.endsWith('.ts') ? './session-worker.ts' : './session-worker.mjs', import.meta.url)

export class SessionThread implements AsyncDisposable {
  readonly #worker: Worker
  #asked: Promise<unknown> = Promise.resolve()
  #ended: PigmentError | undefined

  private constructor(worker: Worker, name: string) {
    this.#worker = worker
    const end = (reason: string, cause?: unknown): void => {
      this.#ended ??= new PigmentError('thread-ended', `The thread that runs "${name}" ended (${reason}). Try again.`, { reason }, cause)
    }
    worker.on('error', (error) => end(errorRecord(error).message, error))
    worker.on('exit', (code) => end(`code ${code}`))
  }

  /** Throws what `Session.open` throws, and `thread-ended` where the thread itself does not start. */
  static async open(source: SessionSource, options: SessionOptions): Promise<SessionThread> {
    const task: ThreadTask = { source, options, optimized: optimizedModelsPlace() }
    const thread = new SessionThread(new Worker(entry, { workerData: task }), source.name)
    await thread.#answer()
    countOpen(thread)
    return thread
  }

  /**
   * One run, after those asked for before. Data in shared memory is read and written where it lies; other feeds are copied, and what `into` does
   * not name comes back as a copy. Throws what `Session.run` throws, and `thread-ended`.
   */
  run(feeds: Readonly<Record<string, Feed>>, into: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, Tensor>> {
    const run = async (): Promise<Record<string, Tensor>> => {
      const answered = this.#answer()
      this.#worker.postMessage({ feeds, into } satisfies Ask)
      return { ...(await answered), ...into }
    }
    const done = this.#asked.then(run)
    this.#asked = done.catch(() => undefined)
    return done
  }

  /** Waits for the runs under way, then lets the thread come to its own end. */
  async [Symbol.asyncDispose](): Promise<void> {
    countClosed(this)
    await this.#asked
    if (this.#ended) return
    const gone = once(this.#worker, 'exit')
    this.#worker.postMessage('dispose' satisfies Ask)
    await gone
  }

  #answer(): Promise<Record<string, Tensor>> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      const done = () => void worker.off('message', onMessage).off('exit', onExit)
      const onMessage = (answer: Answer) => {
        done()
        if ('outputs' in answer) resolve(answer.outputs)
        else reject(new PigmentError(answer.error.code, answer.error.message, { ...answer.error.facts }))
      }
      // After an error comes the exit, too.
      const onExit = () => {
        done()
        reject(this.#ended as PigmentError)
      }
      worker.on('message', onMessage).on('exit', onExit)
    })
  }
}

/** A vector that threads share, all zero. */
export const sharedVector = (size: number): Float32Array => new Float32Array(new SharedArrayBuffer(size * Float32Array.BYTES_PER_ELEMENT))
