// What the steps of a run are fed with, in memory that threads share: while one run goes on, other threads prepare the next.
import { Worker } from 'node:worker_threads'
import type { Feed } from '../../../engine/runtime/session.ts'
import type { Tensor } from '../../../engine/tensor/tensor.ts'
import type { Course, CourseSource } from '../course.ts'

/** What some steps in a row are fed with, by name, in memory that threads share. */
type Stack = Record<string, Feed>

function stackFor(feeds: Record<string, Feed>, steps: number): Stack {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]): [string, Feed] => {
      const memory = new SharedArrayBuffer(steps * data.byteLength)
      const stacked = data instanceof BigInt64Array ? new BigInt64Array(memory) : new Float32Array(memory)
      return [name, { shape: [steps, ...shape], data: stacked } as Feed]
    }),
  )
}

/** Steps `from` + `index`, `from` + `index` + `every`, … of `count`, each into its place of the stack. */
export interface FillTask {
  readonly stack: Stack
  readonly from: number
  readonly count: number
  readonly index: number
  readonly every: number
}
export function fillStack(feed: Course['feed'], { stack, from, count, index, every }: FillTask): void {
  for (let n = index; n < count; n += every)
    for (const [name, { data }] of Object.entries(feed(from + n))) (stack[name] as Tensor).data.set(data as Float32Array, n * data.length)
}

interface Ahead {
  readonly from: number
  readonly count: number
  readonly ready: Promise<unknown>
}

export class FeedStacks implements AsyncDisposable {
  readonly #feed: Course['feed']
  readonly #workers: readonly Worker[]
  readonly #stacks: [Stack, Stack]
  #ahead: Ahead | undefined

  private constructor(feed: Course['feed'], rounds: number, workers: readonly Worker[]) {
    this.#feed = feed
    this.#workers = workers
    this.#stacks = [stackFor(feed(0), rounds), stackFor(feed(0), rounds)]
  }

  /** For up to `rounds` steps in a run; `feeders` threads prepare them where `source` says how they make the course again. Throws what ended one of these. */
  static async open(feed: Course['feed'], rounds: number, feeders: number, source: CourseSource | undefined): Promise<FeedStacks> {
    const entry = new URL('feed-worker.ts', import.meta.url)
    const workers = source ? Array.from({ length: feeders }, () => new Worker(entry, { workerData: source })) : []
    await Promise.all(workers.map(answer))
    return new FeedStacks(feed, rounds, workers)
  }

  /** What steps `from` … `from` + `count` − 1 are fed with, by name; those of the `next` steps after them are prepared meanwhile. */
  async take(from: number, count: number, next: number): Promise<Stack> {
    if (this.#ahead?.from !== from || this.#ahead.count !== count) this.#ahead = this.#prepare(from, count)
    await this.#ahead.ready
    const stack = this.#stacks[0]
    this.#ahead = next > 0 ? this.#prepare(from + count, next) : undefined
    const cut = ([name, { shape, data }]: [string, Feed]): [string, Feed] => {
      const each = data.length / (shape[0] ?? 1)
      return [name, { shape: [count, ...shape.slice(1)], data: data.subarray(0, count * each) } as Feed]
    }
    return Object.fromEntries(Object.entries(stack).map(cut))
  }

  #prepare(from: number, count: number): Ahead {
    // A stack is filled anew while the run that reads the other one goes on.
    const stack = this.#stacks[1]
    this.#stacks.reverse()
    const every = Math.max(1, this.#workers.length)
    const ready = Promise.all(
      this.#workers.map((worker, index) => {
        const filled = answer(worker)
        worker.postMessage({ stack, from, count, index, every } satisfies FillTask)
        return filled
      }),
    )
    if (this.#workers.length === 0) fillStack(this.#feed, { stack, from, count, index: 0, every })
    return { from, count, ready }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead?.ready
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

/** The next answer of a worker; rejects with what ended it. */
function answer(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = () => void worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    const onMessage = (value: unknown) => {
      done()
      resolve(value)
    }
    const onError = (error: Error) => {
      done()
      reject(error)
    }
    const onExit = (code: number) => onError(new Error(`A thread that prepares feeds ended with code ${code}.`))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}
