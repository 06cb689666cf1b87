// Training on a card: one run of a session makes many steps, so that weights, moments and averages stay in the card's memory between them. The graph
// of a step, gradients included, becomes the body of a Loop; clipping, AdamW and the average of the weights follow inside it on one flat vector.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Graph, type Value } from '../../engine/graph/graph.ts'
import { add, clip, concat, div, gather, mul, reciprocal, reduceSum, reshape, split, sqrt, sub } from '../../engine/graph/math.ts'
import '../../engine/ops/index.ts'
import { layoutOf } from '../../engine/runtime/flat-parameters.ts'
import { Session, type Feed, type Provider } from '../../engine/runtime/session.ts'
import type { DType } from '../../engine/tensor/dtype.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainingGraph } from './graphs.ts'
import { answer, sharedFlat, type Course, type CourseSource, type Flat, type UpdateOptions } from './lanes.ts'

/** The nodes of `graph` again inside `into`, its inputs replaced by the values of `given`; returns its outputs by name. */
export function inline(graph: Graph, into: Graph, given: ReadonlyMap<string, Value>): Map<string, Value> {
  const known = new Map<Value, Value>()
  for (const input of graph.inputs) {
    const value = given.get(input.name)
    if (!value) throw new RangeError(`Nothing is given for the input "${input.name}" of "${graph.name}".`)
    known.set(input, value)
  }
  for (const constant of graph.constants) known.set(constant, into.sameConstant(constant))
  for (const { op, inputs, attributes, outputs } of graph.nodes)
    into
      .op(
        op,
        inputs.map((value) => value && known.get(value)),
        attributes,
      )
      .forEach((value, i) => known.set(outputs[i] as Value, value))
  return new Map(graph.outputs.map(({ name, value }) => [name, known.get(value) as Value]))
}

const state = ['theta', 'm', 'v', 'average'] as const
const [beta1, beta2, eps] = [0.9, 0.99, 1e-8]

/** What a round of the body reads of its step: θ's shrinkage, the size of the update, the root's correction, how far the average moves. */
function courseRow({ lr, weightDecay, step, decay }: Omit<UpdateOptions, 'scale'>): number[] {
  return [1 - lr * weightDecay, lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step), 1 - decay]
}

type FeedType = { readonly dtype: DType; readonly shape: readonly number[] }
const typeOf = ({ data, shape }: Feed): FeedType => ({ dtype: data instanceof BigInt64Array ? 'int64' : 'float32', shape })

interface Rounds {
  readonly graph: Graph
  /** Names of what each round tells, in the columns of the output `told`. */
  readonly told: readonly string[]
}

/**
 * Inputs: `rounds` (int64 []), the state (θ's size each), `course` (rounds, 4), `steps/<feed>` (rounds, …) for what changes in each step and
 * `fixed/<feed>` for what does not. Outputs: the state after the last round, and `told` (rounds, losses and norm).
 */
export function roundsGraph({ graph: step, trained }: TrainingGraph, feeds: Record<string, Feed>, fixed: Record<string, Tensor>): Rounds {
  const { placements, size } = layoutOf(trained)
  const graph = new Graph(`rounds of ${step.name}`)
  const count = graph.input('rounds', 'int64', [])
  const before = state.map((name) => graph.input(`state/${name}`, 'float32', [size]))
  const course = graph.input('course', 'float32', ['rounds', 4])

  const body = new Graph(step.name)
  const [round, going] = [body.input('round', 'int64', []), body.input('going', 'bool', [])]
  const [theta, m, v, average] = state.map((name) => body.input(`round/${name}`, 'float32', [size])) as [Value, Value, Value, Value]
  const given = new Map<string, Value>()
  for (const [name, feed] of Object.entries(feeds)) {
    const { dtype, shape } = typeOf(feed)
    given.set(name, gather(body.outer(graph.input(`steps/${name}`, dtype, ['rounds', ...shape])), round))
  }
  for (const [name, { shape }] of Object.entries(fixed)) given.set(name, body.outer(graph.input(`fixed/${name}`, 'float32', shape)))
  const sizes = placements.map(({ shape }) => elementCount(shape))
  split(theta, 0, sizes).forEach((part, i) => given.set(trained[i]!.name, reshape(part, placements[i]!.shape)))
  const outputs = inline(step, body, given)

  const gradient = concat(
    trained.map(({ name }) => reshape(outputs.get(`d/${name}`) as Value, [-1])),
    0,
  )
  const norm = sqrt(reduceSum(mul(gradient, gradient), [0]))
  const clipped = mul(gradient, clip(reciprocal(add(norm, 1e-6)), 0, 1))
  const [keep, stepSize, correction, moved] = split(gather(body.outer(course), round), 0, [1, 1, 1, 1]) as [Value, Value, Value, Value]
  const mean = add(mul(m, beta1), mul(clipped, 1 - beta1))
  const square = add(mul(v, beta2), mul(mul(clipped, clipped), 1 - beta2))
  const after = sub(mul(theta, keep), div(mul(mean, stepSize), add(mul(sqrt(square), correction), eps)))
  const told = [...outputs.keys()].filter((name) => !name.startsWith('d/'))
  body.output('round/going', body.op('Identity', [going])[0]!)
  for (const [name, value] of [
    ['theta', after],
    ['m', mean],
    ['v', square],
    ['average', sub(average, mul(sub(average, after), moved))],
  ] as const)
    body.output(`round/next/${name}`, value)
  body.output('round/told', concat([...told.map((name) => reshape(outputs.get(name) as Value, [1])), norm], 0))

  graph.op('Loop', [count, undefined, ...before], { body }).forEach((value, i) => graph.output(state[i] ?? 'told', value))
  return { graph, told: [...told, 'norm'] }
}

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

export interface RoundsOptions {
  readonly provider: Provider
  readonly threads: number
  readonly source?: CourseSource
  readonly fixed?: Record<string, Tensor>
  /** Steps of one run of the session. */
  readonly rounds: number
  /** Threads that prepare what steps are fed with, when `source` says how they make the course again. */
  readonly feeders?: number
}

/** Steps on a device. While one run goes on, other threads prepare the feeds of the next. */
export class DeviceRounds implements AsyncDisposable {
  readonly #session: Session
  readonly #feed: Course['feed']
  readonly #told: readonly string[]
  readonly #workers: readonly Worker[]
  readonly #stacks: [Stack, Stack]
  readonly #fixed: Record<string, Tensor>
  #ahead: { readonly from: number; readonly count: number; readonly ready: Promise<unknown> } | undefined
  #spare: Flat

  private constructor(
    session: Session,
    { feed }: Course,
    told: readonly string[],
    options: RoundsOptions,
    workers: readonly Worker[],
    size: number,
  ) {
    this.#session = session
    this.#feed = feed
    this.#told = told
    this.#workers = workers
    this.#stacks = [stackFor(feed(0), options.rounds), stackFor(feed(0), options.rounds)]
    this.#fixed = Object.fromEntries(Object.entries(options.fixed ?? {}).map(([name, tensor]) => [`fixed/${name}`, tensor]))
    this.#spare = sharedFlat(size)
  }

  static async create(course: Course, options: RoundsOptions): Promise<DeviceRounds> {
    const { graph, told } = roundsGraph(course, course.feed(0), options.fixed ?? {})
    const { source, feeders = Math.max(1, availableParallelism() - 2) } = options
    const workers = source
      ? Array.from({ length: feeders }, () => new Worker(new URL('feed-worker.ts', import.meta.url), { workerData: source }))
      : []
    const ready = Promise.all(workers.map(answer))
    const session = await Session.create(graph, options)
    await ready
    return new DeviceRounds(session, course, told, options, workers, layoutOf(course.trained).size)
  }

  #prepare(from: number, count: number): { from: number; count: number; ready: Promise<unknown> } {
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

  /** Steps `from` … `from` + `count` − 1, with `flat` moved on in place; `next` steps will follow. Returns what each step told. */
  async advance(flat: Flat, from: number, hyper: readonly Omit<UpdateOptions, 'scale'>[], next: number): Promise<Record<string, number>[]> {
    const count = hyper.length
    if (this.#ahead?.from !== from || this.#ahead.count !== count) this.#ahead = this.#prepare(from, count)
    await this.#ahead.ready
    const stack = this.#stacks[0]
    const cut = ([name, { shape, data }]: [string, Feed]): [string, Feed] => {
      const each = data.length / (shape[0] ?? 1)
      return [`steps/${name}`, { shape: [count, ...shape.slice(1)], data: data.subarray(0, count * each) } as Feed]
    }
    this.#ahead = next > 0 ? this.#prepare(from + count, next) : undefined
    const vectors = (values: Flat, prefix: string) =>
      Object.fromEntries(state.map((name) => [prefix + name, { shape: [values[name].length], data: values[name] }]))
    const results = await this.#session.run(
      {
        ...this.#fixed,
        ...Object.fromEntries(Object.entries(stack).map(cut)),
        ...vectors(flat, 'state/'),
        rounds: { shape: [], data: BigInt64Array.of(BigInt(count)) },
        course: { shape: [count, 4], data: Float32Array.from(hyper.flatMap(courseRow)) },
      },
      vectors(this.#spare, ''),
    )
    for (const name of state) flat[name].set(this.#spare[name])
    const told = (results.told as Tensor).data
    return hyper.map((_, n) => Object.fromEntries(this.#told.map((name, i) => [name, told[n * this.#told.length + i] ?? NaN])))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead?.ready
    await this.#session[Symbol.asyncDispose]()
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}
