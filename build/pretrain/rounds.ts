// Training on a card: one run of a session makes many steps, so that weights, moments and averages stay in the card's memory between them. The graph
// of a step, gradients included, becomes the body of a Loop; clipping, AdamW or Muon and the average of the weights follow inside it on one flat vector.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Shape } from '../../engine/graph/dims.ts'
import { Graph, type Value } from '../../engine/graph/graph.ts'
import {
  add,
  clip,
  concat,
  div,
  gather,
  mul,
  pad,
  reciprocal,
  reduceSum,
  reshape,
  slice,
  split,
  sqrt,
  sub,
} from '../../engine/graph/math.ts'
import '../../engine/ops/index.ts'
import { matrixSides, orthogonal, updateScale } from '../../engine/training/optimizers/muon.ts'
import { layoutOf, type Placement } from '../../engine/runtime/flat-parameters.ts'
import { Session, type Feed, type Provider } from '../../engine/runtime/session.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainingGraph } from './graphs.ts'
import { answer, matricesOf, muonMomentum, type Course, type CourseSource, type Flat, type UpdateOptions } from './lanes.ts'

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

/** What a round of the body reads of its step: θ's shrinkage, the size of the update, the root's correction, how far the average moves, the rate. */
function courseRow({ lr, weightDecay, step, decay }: Omit<UpdateOptions, 'scale'>): number[] {
  return [1 - lr * weightDecay, lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step), 1 - decay, lr]
}

type FeedType = { readonly dtype: 'float32' | 'int64'; readonly shape: Shape }
const typeOf = ({ data, shape }: Feed): FeedType => ({ dtype: data instanceof BigInt64Array ? 'int64' : 'float32', shape })

/**
 * θ as rows: each parameter begins a row of its own and fills its last one up with zeros. ONNX Runtime's Split and Concat on CUDA make a table as
 * long as the axis in every call, which for one long vector took four fifths of a step.
 */
const rowWidth = 128
interface Rows {
  readonly counts: readonly number[]
  readonly total: number
}
export function rowsOf(placements: readonly Placement[]): Rows {
  const counts = placements.map(({ shape }) => Math.ceil(elementCount(shape) / rowWidth))
  return { counts, total: counts.reduce((a, b) => a + b, 0) }
}

/** A placement's numbers, of the rows that they fill. */
function fromRows(rows: Value, { shape }: Pick<Placement, 'shape'>): Value {
  const [row, length] = [reshape(rows, [-1]), elementCount(shape)]
  return reshape(length % rowWidth === 0 ? row : slice(row, 0, 0, length), shape)
}
/** The other way round. */
function toRows(value: Value, { shape }: Pick<Placement, 'shape'>): Value {
  const [row, over] = [reshape(value, [-1]), elementCount(shape) % rowWidth]
  return reshape(over === 0 ? row : pad(row, [0, rowWidth - over]), [-1, rowWidth])
}

/** In place of the rows of some weights in `update`, what Muon makes of their momentum in `ahead`, times `lr`. */
function withMuon(
  update: Value,
  ahead: Value,
  lr: Value,
  placements: readonly Placement[],
  { counts }: Rows,
  muon: readonly string[],
): Value {
  if (muon.length === 0) return update
  const parts = [...split(update, 0, counts)]
  const momenta = split(ahead, 0, counts)
  const chosen = new Set(muon)
  const matrices = placements.flatMap(({ name, shape }, i) => (chosen.has(name) ? [{ i, shape, sides: matrixSides(shape) }] : []))
  for (const alike of Map.groupBy(matrices, ({ sides }) => sides.join()).values()) {
    const [rows, columns] = alike[0]!.sides
    const stacked = concat(
      alike.map(({ i, shape }) => reshape(fromRows(momenta[i] as Value, { shape }), [1, rows, columns])),
      0,
    )
    const turned = mul(mul(orthogonal(stacked), updateScale(rows, columns)), lr)
    const each = alike.length === 1 ? [turned] : split(turned, 0, Array<number>(alike.length).fill(1))
    alike.forEach(({ i, shape }, n) => (parts[i] = toRows(each[n] as Value, { shape })))
  }
  return concat(parts, 0)
}

/** Copies a flat vector into rows, or rows back into it. */
function move(placements: readonly Placement[], { counts }: Rows, flat: Float32Array, rows: Float32Array, back = false): void {
  let at = 0
  for (const [i, { offset, shape }] of placements.entries()) {
    const size = elementCount(shape)
    if (back) flat.set(rows.subarray(at, at + size), offset)
    else rows.set(flat.subarray(offset, offset + size), at)
    at += (counts[i] ?? 0) * rowWidth
  }
}

interface Rounds {
  readonly graph: Graph
  /** Names of what each round tells, in the columns of the output `told`. */
  readonly told: readonly string[]
}

/**
 * Inputs: `rounds` (int64 []), the state (rows of θ each), `course` (rounds, 5), `steps/<feed>` (rounds, …) for what changes in each step and
 * `fixed/<feed>` for what does not. Outputs: the state after the last round, and `told` (rounds, losses and norm).
 */
export function roundsGraph(
  { graph: step, trained }: TrainingGraph,
  feeds: Record<string, Feed>,
  { fixed = {}, muon = [] }: { fixed?: Record<string, Tensor>; muon?: readonly string[] },
): Rounds {
  const { placements } = layoutOf(trained)
  const rows = rowsOf(placements)
  const { counts, total } = rows
  const size = [total, rowWidth]
  const graph = new Graph(`rounds of ${step.name}`)
  const count = graph.input('rounds', 'int64', [])

  // A loop keeps its state, and reads what is around it, where the nodes that made them left them: adding nothing brings all to the card once in a run.
  const nothing = { float32: graph.input('nothing', 'float32', []), int64: graph.input('nothing/int64', 'int64', []) }
  const kept = (name: string, { dtype, shape }: FeedType) =>
    graph.scope('around', () => add(graph.input(name, dtype, shape), nothing[dtype]))
  const before = state.map((name) => kept(`state/${name}`, { dtype: 'float32', shape: size }))
  const body = new Graph(step.name)
  const [round, going] = [body.input('round', 'int64', []), body.input('going', 'bool', [])]
  const [theta, m, v, average] = state.map((name) => body.input(`round/${name}`, 'float32', size)) as [Value, Value, Value, Value]
  const given = new Map<string, Value>()
  for (const [name, feed] of Object.entries(feeds)) {
    const { dtype, shape } = typeOf(feed)
    given.set(name, gather(body.outer(kept(`steps/${name}`, { dtype, shape: ['rounds', ...shape] })), round))
  }
  for (const [name, { shape }] of Object.entries(fixed)) given.set(name, body.outer(kept(`fixed/${name}`, { dtype: 'float32', shape })))
  split(theta, 0, counts).forEach((part, i) => given.set(placements[i]!.name, fromRows(part, placements[i]!)))
  const outputs = inline(step, body, given)

  const gradient = concat(
    placements.map((placement) => toRows(outputs.get(`d/${placement.name}`) as Value, placement)),
    0,
  )
  const norm = sqrt(reshape(reduceSum(mul(gradient, gradient), [0, 1], false), [1]))
  const clipped = mul(gradient, clip(reciprocal(add(norm, 1e-6)), 0, 1))
  const [keep, stepSize, correction, moved, lr] = split(
    gather(body.outer(kept('course', { dtype: 'float32', shape: ['rounds', 5] })), round),
    0,
    [1, 1, 1, 1, 1],
  ) as [Value, Value, Value, Value, Value]
  // Muon's momentum lasts longer than AdamW's: a row's decay is that of its weight.
  const chosen = new Set(muon)
  const decays = placements.flatMap(({ name }, i) => Array<number>(counts[i] ?? 0).fill(chosen.has(name) ? muonMomentum : beta1))
  const [lasting, fresh] = [decays, decays.map((x) => 1 - x)].map((x) => body.constant('float32', [total, 1], x)) as [Value, Value]
  const mean = add(mul(m, lasting), mul(clipped, fresh))
  const square = add(mul(v, beta2), mul(mul(clipped, clipped), 1 - beta2))
  const adamw = div(mul(mean, stepSize), add(mul(sqrt(square), correction), eps))
  const ahead = add(mul(mean, lasting), mul(clipped, fresh))
  const after = sub(mul(theta, keep), withMuon(adamw, ahead, lr, placements, rows, muon))
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
  readonly matrices?: (name: string) => boolean
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
  readonly #placements: readonly Placement[]
  readonly #rows: Rows
  /** State before and after a run. */
  readonly #before: Record<string, Tensor>
  readonly #after: Record<string, Tensor>

  private constructor(
    session: Session,
    { feed, trained }: Course,
    told: readonly string[],
    options: RoundsOptions,
    workers: readonly Worker[],
  ) {
    this.#session = session
    this.#feed = feed
    this.#told = told
    this.#workers = workers
    this.#stacks = [stackFor(feed(0), options.rounds), stackFor(feed(0), options.rounds)]
    this.#fixed = Object.fromEntries(Object.entries(options.fixed ?? {}).map(([name, tensor]) => [`fixed/${name}`, tensor]))
    this.#placements = layoutOf(trained).placements
    this.#rows = rowsOf(this.#placements)
    const [shape, length] = [[this.#rows.total, rowWidth], this.#rows.total * rowWidth]
    const vectors = (prefix: string) => Object.fromEntries(state.map((name) => [prefix + name, { shape, data: new Float32Array(length) }]))
    this.#before = vectors('state/')
    this.#after = vectors('')
  }

  static async create(course: Course, options: RoundsOptions): Promise<DeviceRounds> {
    const { graph, told } = roundsGraph(course, course.feed(0), { ...options, muon: matricesOf(course, options.matrices) })
    const { source, feeders = Math.max(1, availableParallelism() - 2) } = options
    const workers = source
      ? Array.from({ length: feeders }, () => new Worker(new URL('feed-worker.ts', import.meta.url), { workerData: source }))
      : []
    const ready = Promise.all(workers.map(answer))
    const session = await Session.create(graph, options)
    await ready
    return new DeviceRounds(session, course, told, options, workers)
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
    for (const name of state) move(this.#placements, this.#rows, flat[name], (this.#before[`state/${name}`] as Tensor).data)
    const results = await this.#session.run(
      {
        ...this.#fixed,
        ...Object.fromEntries(Object.entries(stack).map(cut)),
        ...this.#before,
        nothing: { shape: [], data: Float32Array.of(0) },
        'nothing/int64': { shape: [], data: BigInt64Array.of(0n) },
        rounds: { shape: [], data: BigInt64Array.of(BigInt(count)) },
        course: { shape: [count, 5], data: Float32Array.from(hyper.flatMap(courseRow)) },
      },
      this.#after,
    )
    for (const name of state) move(this.#placements, this.#rows, flat[name], (this.#after[name] as Tensor).data, true)
    const told = (results.told as Tensor).data
    return hyper.map((_, n) => Object.fromEntries(this.#told.map((name, i) => [name, told[n * this.#told.length + i] ?? NaN])))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead?.ready
    await this.#session[Symbol.asyncDispose]()
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}
