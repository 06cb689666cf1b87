// Steps on a device: many in one run of its session.
import { availableParallelism } from 'node:os'
import type { RunVectors, SavedVectors } from '../../../engine/files/run-checkpoint.ts'
import { layoutOf, views, type Placement } from '../../../engine/runtime/flat-parameters.ts'
import { Session, type Feed, type Provider } from '../../../engine/runtime/session.ts'
import type { Tensor } from '../../../engine/tensor/tensor.ts'
import { floatsOf } from '../../../engine/tensor/vectors.ts'
import { emaDecay } from '../../../engine/training/optimizers/ema.ts'
import type { Steps, Told, Training } from '../../../engine/training/steps.ts'
import { startOf } from '../../../engine/training/theta.ts'
import type { Course, CourseSource } from '../course.ts'
import { matricesOf } from '../recipe-optimizer.ts'
import { FeedStacks } from './feed-stacks.ts'
import { move, rowsOf, rowWidth, type Rows } from './parameter-rows.ts'
import { courseRow, roundsGraph, state, type RoundUpdate } from './rounds-graph.ts'

export interface RoundsOptions {
  readonly provider: Provider
  readonly threads: number
  readonly source?: CourseSource
  readonly fixed?: Record<string, Tensor>
  readonly matrices?: (name: string) => boolean
  readonly weightDecay: number
  /** Steps of one run of the session. */
  readonly rounds: number
  /** Threads that prepare what steps are fed with, when `source` says how they make the course again. */
  readonly feeders?: number
}

type Flat = Readonly<Record<(typeof state)[number], Float32Array>>

export class DeviceRounds<R> implements Steps<R>, AsyncDisposable {
  readonly #session: Session
  readonly #feeds: FeedStacks
  readonly #told: readonly string[]
  readonly #flat: Flat
  readonly #training: Training<R>
  readonly #options: RoundsOptions
  readonly #fixed: Record<string, Feed>
  readonly #placements: readonly Placement[]
  readonly #rows: Rows
  /** State before and after a run. */
  readonly #before: Record<string, Tensor>
  readonly #after: Record<string, Tensor>

  private constructor(
    training: Training<R>,
    flat: Flat,
    session: Session,
    feeds: FeedStacks,
    told: readonly string[],
    options: RoundsOptions,
  ) {
    this.#session = session
    this.#feeds = feeds
    this.#told = told
    this.#flat = flat
    this.#training = training
    this.#options = options
    this.#fixed = Object.fromEntries(Object.entries(options.fixed ?? {}).map(([name, tensor]) => [`fixed/${name}`, tensor]))
    this.#placements = layoutOf(training.plan.trainables).placements
    this.#rows = rowsOf(this.#placements)
    const [shape, length] = [[this.#rows.total, rowWidth], this.#rows.total * rowWidth]
    const vectors = (prefix: string) => Object.fromEntries(state.map((name) => [prefix + name, { shape, data: new Float32Array(length) }]))
    this.#before = vectors('state/')
    this.#after = vectors('')
  }

  /** From the start, or on from the vectors of a checkpoint. */
  static async open<R>(training: Training<R>, course: Course, options: RoundsOptions, saved?: SavedVectors): Promise<DeviceRounds<R>> {
    const kept = async (name: string): Promise<Float32Array | undefined> => saved?.[name] && floatsOf(saved[name])
    const theta = (await kept('theta')) ?? (await startOf(training.plan, training.members))
    const none = (): Float32Array => new Float32Array(theta.length)
    const flat = {
      theta,
      m: (await kept('m')) ?? none(),
      v: (await kept('v')) ?? none(),
      average: (await kept('average')) ?? theta.slice(),
    }
    const muon = matricesOf(course.trained, options.matrices)
    const { graph, told } = roundsGraph(course, course.feed(0), { ...options, muon })
    const { source, rounds, feeders = Math.max(1, availableParallelism() - 2) } = options
    const feeds = await FeedStacks.open(course.feed, rounds, feeders, source)
    return new DeviceRounds(training, flat, await Session.create(graph, options), feeds, told, options)
  }

  get theta(): Float32Array {
    return this.#flat.theta
  }

  async advance(done: number, most: number): Promise<readonly Told[]> {
    const { rounds, weightDecay } = this.#options
    const { rate, ema } = this.#training
    const count = Math.min(rounds, most)
    const updates = Array.from({ length: count }, (_, i): RoundUpdate => {
      const step = done + i + 1
      return { lr: rate(step), weightDecay, step, decay: emaDecay(step, { decay: ema }) }
    })
    const told = await this.#run(await this.#feeds.take(done, count, Math.min(rounds, most - count)), updates)
    return updates.map(({ lr }, n) => {
      const row = told.subarray(n * this.#told.length, (n + 1) * this.#told.length)
      const { norm = NaN, ...outputs } = Object.fromEntries(this.#told.map((name, i) => [name, row[i] ?? NaN]))
      return { outputs, gradNorm: norm, lr }
    })
  }

  /** Moves the state on; gives what each round told. */
  async #run(stack: Record<string, Feed>, updates: readonly RoundUpdate[]): Promise<Float32Array> {
    for (const name of state) move(this.#placements, this.#rows, this.#flat[name], (this.#before[`state/${name}`] as Tensor).data)
    const results = await this.#session.run(
      {
        ...this.#fixed,
        ...Object.fromEntries(Object.entries(stack).map(([name, feed]) => [`steps/${name}`, feed])),
        ...this.#before,
        nothing: { shape: [], data: Float32Array.of(0) },
        'nothing/int64': { shape: [], data: BigInt64Array.of(0n) },
        rounds: { shape: [], data: BigInt64Array.of(BigInt(updates.length)) },
        course: { shape: [updates.length, 5], data: Float32Array.from(updates.flatMap(courseRow)) },
      },
      this.#after,
    )
    for (const name of state) move(this.#placements, this.#rows, this.#flat[name], (this.#after[name] as Tensor).data, true)
    return (results.told as Tensor).data
  }

  vectors(): RunVectors {
    return this.#flat
  }

  result(): R | Promise<R> {
    return this.#training.plan.result([{ theta: views(this.#placements, this.#flat.average), extra: {}, frozen: {} }])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feeds[Symbol.asyncDispose]()
    await this.#session[Symbol.asyncDispose]()
  }
}
