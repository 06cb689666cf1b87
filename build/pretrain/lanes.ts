// Training on several cores: a batch is split over lanes, each a thread with one session of its own. Two lanes of 32 samples made about 1.6 times the
// samples of one session on two threads; two of 16 made no more, since trained weights are packed anew in every step of every lane.
import { Worker } from 'node:worker_threads'
import { update, type AdamWOptions } from '../../engine/training/optimizers/adamw.ts'
import { updateEma } from '../../engine/training/optimizers/ema.ts'
import { matrixSides, Muon } from '../../engine/training/optimizers/muon.ts'
import { layoutOf, views, type Placement } from '../../engine/runtime/flat-parameters.ts'
import { sharedVector } from '../../engine/runtime/session-thread.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainingGraph } from './graphs.ts'

/** A loss over samples, and what its step `n`, counted from 0, is fed with: a pure function of n. The first axis of every feed is the sample. */
export interface Course extends TrainingGraph {
  readonly feed: (step: number) => Record<string, Feed>
}

/** A module whose `course(options)` makes the same course in every thread. */
export interface CourseSource {
  readonly module: string
  readonly options: unknown
}

/** Weights, moments, averages and one gradient a lane, as vectors in θ's order that all lanes share. */
export interface Flat {
  readonly theta: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  readonly average: Float32Array
}
export interface Shared {
  readonly flat: Flat
  readonly gradients: readonly Float32Array[]
  /** Names of the weights that Muon updates; AdamW has the others. */
  readonly matrices: readonly string[]
}

export const sharedFlat = (size: number): Flat => ({
  theta: sharedVector(size),
  m: sharedVector(size),
  v: sharedVector(size),
  average: sharedVector(size),
})

/** What a worker is told at its start. */
export interface LaneTask {
  readonly shared: Shared
  readonly index: number
  readonly threads: number
  readonly source: CourseSource
}

/** One lane's work: the gradient of its samples, then sum, update and average of its part of θ. */
export class Lane {
  readonly #session: Session
  readonly #course: Course
  readonly #shared: Shared
  readonly #index: number
  readonly #feeds: Record<string, Tensor>
  readonly #into: Record<string, Tensor>
  readonly #range: readonly [number, number]
  readonly #updates: Updates

  private constructor(session: Session, course: Course, shared: Shared, index: number, updates: Updates) {
    const { placements, size } = layoutOf(course.trained)
    const lanes = shared.gradients.length
    this.#updates = updates
    this.#session = session
    this.#course = course
    this.#shared = shared
    this.#index = index
    this.#feeds = views(placements, shared.flat.theta)
    this.#into = views(placements, shared.gradients[index] as Float32Array, 'd/')
    this.#range = [Math.floor((index * size) / lanes), Math.floor(((index + 1) * size) / lanes)]
  }
  static async create(course: Course, shared: Shared, index: number, threads: number): Promise<Lane> {
    const session = await Session.create(course.graph, { threads })
    return new Lane(session, course, shared, index, await ownUpdates(course, shared, index, threads))
  }

  /** Writes the gradient of its share of step n's samples; returns the mean of every other output, the loss among them. */
  async gradient(step: number): Promise<Record<string, number>> {
    const lanes = this.#shared.gradients.length
    const own = Object.entries(this.#course.feed(step)).map(([name, feed]) => [name, part(feed, this.#index, lanes)] as const)
    const outputs = await this.#session.run({ ...this.#feeds, ...Object.fromEntries(own) }, this.#into)
    return Object.fromEntries(
      Object.entries(outputs).flatMap(([name, { data }]) => (name.startsWith('d/') ? [] : [[name, data[0] ?? NaN]])),
    )
  }

  /** The mean of all lanes' gradients over its part of θ, in place of the first lane's; returns the sum of their squares. */
  join(): number {
    const [first, ...others] = this.#shared.gradients as [Float32Array, ...Float32Array[]]
    const [from, to] = this.#range
    let squares = 0
    for (let i = from; i < to; i++) {
      let sum = first[i] ?? 0
      for (const other of others) sum += other[i] ?? 0
      const mean = sum / (others.length + 1)
      first[i] = mean
      squares += mean * mean
    }
    return squares
  }

  async update({ scale, decay, ...options }: UpdateOptions): Promise<void> {
    const { flat, gradients } = this.#shared
    const { ranges, matrices, muon } = this.#updates
    const gradient = gradients[0] as Float32Array
    for (const [from, to] of [...ranges, ...matrices]) {
      if (scale !== 1) for (let i = from; i < to; i++) gradient[i] = (gradient[i] ?? 0) * scale
    }
    for (const range of ranges) update(flat.theta, gradient, flat, options, range)
    await muon?.update(flat.theta, gradient, flat.m, { ...options, momentum: muonMomentum })
    for (const [from, to] of [...ranges, ...matrices]) updateEma(flat.average.subarray(from, to), flat.theta.subarray(from, to), decay)
  }

  async dispose(): Promise<void> {
    await this.#updates.muon?.[Symbol.asyncDispose]()
    await this.#session[Symbol.asyncDispose]()
  }
}

/** Names of the weights that Muon updates: of two axes and more, if they are asked for. */
export const matricesOf = ({ trained }: TrainingGraph, asked: (name: string) => boolean = () => false): string[] =>
  trained.flatMap(({ name, shape }) => (shape.length > 1 && asked(name) ? [name] : []))

/** Parts of θ that one lane updates. */
interface Updates {
  readonly ranges: readonly Range[]
  readonly matrices: readonly Range[]
  readonly muon?: Muon
}
type Range = readonly [from: number, to: number]

export const muonMomentum = 0.95

/** One lane's part: an equal share of θ, or, where Muon has matrices, whole weights, dealt out by what they cost. */
async function ownUpdates({ trained }: Course, { gradients, matrices }: Shared, index: number, threads: number): Promise<Updates> {
  const { placements, size } = layoutOf(trained)
  const lanes = gradients.length
  if (matrices.length === 0)
    return { ranges: [[Math.floor((index * size) / lanes), Math.floor(((index + 1) * size) / lanes)]], matrices: [] }
  const chosen = new Set(matrices)
  const length = ({ shape }: Placement) => elementCount(shape)
  const products = (placement: Placement) => length(placement) * Math.min(...matrixSides(placement.shape))
  const part = (isMatrix: boolean, cost: (placement: Placement) => number): Placement[] =>
    dealt(
      placements.filter(({ name }) => chosen.has(name) === isMatrix),
      cost,
      lanes,
    )[index] ?? []
  const rangeOf = (placement: Placement): Range => [placement.offset, placement.offset + length(placement)]
  const [own, rest] = [part(true, products), part(false, length)]
  return { ranges: rest.map(rangeOf), matrices: own.map(rangeOf), muon: await Muon.create(own, threads) }
}

/** Each item, the dearest first, to whoever has the least so far. */
function dealt<T>(items: readonly T[], cost: (item: T) => number, hands: number): T[][] {
  const given = Array.from({ length: hands }, () => ({ items: [] as T[], sum: 0 }))
  for (const item of items.toSorted((a, b) => cost(b) - cost(a))) {
    const least = given.reduce((a, b) => (b.sum < a.sum ? b : a))
    least.items.push(item)
    least.sum += cost(item)
  }
  return given.map(({ items }) => items)
}

export interface UpdateOptions extends AdamWOptions {
  /** What clipping multiplies the gradient by. */
  readonly scale: number
  /** Of the average of the weights. */
  readonly decay: number
}

/** Samples `index` of `lanes` equal shares. */
function part({ shape, data }: Feed, index: number, lanes: number): Feed {
  const [count = 0, ...rest] = shape
  const each = data.length / count
  const [from, to] = [Math.floor((index * count) / lanes), Math.floor(((index + 1) * count) / lanes)]
  if (count % lanes !== 0) throw new RangeError(`A batch of ${count} does not split into ${lanes} equal lanes.`)
  return { shape: [to - from, ...rest], data: data.subarray(from * each, to * each) } as Feed
}

export type Call =
  { method: 'gradient'; argument: number } | { method: 'join' } | { method: 'update'; argument: UpdateOptions } | { method: 'dispose' }
export const call = (lane: Lane, ask: Call): unknown =>
  ask.method === 'gradient' ? lane.gradient(ask.argument) : ask.method === 'update' ? lane.update(ask.argument) : lane[ask.method]()

/** All lanes: the first in this thread, the others in workers. */
export class Lanes implements AsyncDisposable {
  readonly #own: Lane
  readonly #workers: readonly Worker[]
  private constructor(own: Lane, workers: readonly Worker[]) {
    this.#own = own
    this.#workers = workers
  }

  /** `source` makes the course again in the other threads; without it there is one lane. */
  static async create(
    course: Course,
    flat: Flat,
    {
      lanes = 1,
      threads,
      source,
      matrices,
    }: { lanes?: number; threads: number; source?: CourseSource; matrices?: (name: string) => boolean },
  ) {
    const count = source ? lanes : 1
    const names = matricesOf(course, matrices)
    const shared: Shared = { flat, gradients: Array.from({ length: count }, () => sharedVector(flat.theta.length)), matrices: names }
    const each = Math.max(1, Math.floor(threads / count))
    const workers = Array.from({ length: count - 1 }, (_, i) => {
      const task = { shared, index: i + 1, threads: each, source }
      return new Worker(new URL('lane-worker.ts', import.meta.url), { workerData: task })
    })
    const ready = Promise.all(workers.map(answer))
    const own = await Lane.create(course, shared, 0, each)
    await ready
    return new Lanes(own, workers)
  }

  async #all<T>(ask: Call): Promise<T[]> {
    const others = this.#workers.map((worker) => {
      const answered = answer(worker)
      worker.postMessage(ask)
      return answered
    })
    return (await Promise.all([call(this.#own, ask), ...others])) as T[]
  }

  /** One step's gradient, summed up: the mean of each output, and the gradient's norm. */
  async gradient(step: number): Promise<{ outputs: Record<string, number>; norm: number }> {
    const each = await this.#all<Record<string, number>>({ method: 'gradient', argument: step })
    const names = Object.keys(each[0] ?? {})
    const outputs = Object.fromEntries(names.map((name) => [name, each.reduce((sum, one) => sum + (one[name] ?? NaN), 0) / each.length]))
    const squares = await this.#all<number>({ method: 'join' })
    return { outputs, norm: Math.sqrt(squares.reduce((a, b) => a + b, 0)) }
  }

  async update(options: UpdateOptions): Promise<void> {
    await this.#all({ method: 'update', argument: options })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all({ method: 'dispose' })
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

/** The next answer of a worker; rejects with what ended it. */
export function answer(worker: Worker): Promise<unknown> {
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
    const onExit = (code: number) => onError(new Error(`A lane of the training ended with code ${code}.`))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}
