// A session whose graph leaves modules open for adapters, and how it is run with a stack.
import type { AdaptedNetwork } from '../adapter-formats/base-networks.ts'
import { stackFeeds, type AdaptedModule } from '../adapters/stack-feeds.ts'
import { regionFeeds } from '../adapters/region-feeds.ts'
import type { StackMoment } from '../adapters/composition.ts'
import type { StackCourse } from '../adapters/stack-course.ts'
import { activeTerms, foldedTerms, masksOf, stackedTerms, type ActiveTerms, type StackEntry } from '../adapters/stack.ts'
import type { BaseWeight } from '../adapters/term.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import type { Mask } from '../images/mask.ts'
import { shapeOf } from '../weights/codec.ts'
import { readWeight } from '../weights/read-weight.ts'
import { PigmentError } from '../requests/error.ts'
import { CourseFeeds } from './course-feeds.ts'
import type { FedWeights } from './fed-weights.ts'
import { foldedKeys } from './folded-weights.ts'
import { holdRowNorms, rowNorms } from './row-norms.ts'
import type { Feed, Session } from '../runtime/session.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A session together with the modules that it leaves open for adapters; its network has the checkpoint's weights also where others are folded in. */
export interface AdaptedSession {
  readonly session: Session
  readonly network: AdaptedNetwork
  readonly adapted: readonly AdaptedModule[]
  /** Weights that stacks fold something into, as inputs. */
  readonly fed: FedWeights
  /** The least rank that the provider can be fed with. */
  readonly minimumRank: number
  /** Rows are run one after the other, for less memory. */
  readonly byRow?: boolean
  /** Adapters act in regions: how many levels its cells have. */
  readonly levels?: number
}

/** Runs an adapted session with a stack, of a sampler's run at a moment of it. An empty stack has rank 0 everywhere: the base model, bit for bit unless weights are fed, with which products are summed in another order (some 3e-6). */
export async function runAdapted(
  session: AdaptedSession,
  feeds: Record<string, Feed>,
  stack: StackFeeds,
  moment?: StackMoment,
): Promise<Record<string, Tensor>> {
  const adapters = { ...(await stack.of(session, moment)), ...stack.regionsOf(session, feeds) }
  const run = (own: Record<string, Feed>): Promise<Record<string, Tensor>> => session.session.run({ ...own, ...adapters })
  const rows = Math.max(...Object.values(feeds).map(({ shape }) => shape[0] ?? 1))
  if (!session.byRow || rows === 1) return run(feeds)
  const told: Record<string, Tensor>[] = []
  for (let row = 0; row < rows; row++)
    told.push(await run(Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, rowOf(feed, row)]))))
  return Object.fromEntries(Object.keys(told[0] ?? {}).map((name) => [name, stacked(told.map((one) => one[name] as Tensor))]))
}

function rowOf({ shape, data }: Feed, row: number): Feed {
  const size = data.length / (shape[0] ?? 1)
  return { shape: [1, ...shape.slice(1)], data: data.subarray(row * size, (row + 1) * size) } as Feed
}

function stacked(rows: readonly Tensor[]): Tensor {
  const [first] = rows as [Tensor]
  const data = new Float32Array(first.data.length * rows.length)
  rows.forEach((row, i) => data.set(row.data, i * first.data.length))
  return { shape: [rows.length, ...first.shape.slice(1)], data }
}

/** Feeds of one stack, concatenated once for all steps of a picture and all sessions of a model. */
export class StackFeeds {
  readonly stack: readonly StackEntry[]
  /** Nothing of the stack acts, but whatever it needs is open: so one session serves the model alone and under the stack. */
  readonly alone: boolean
  /** By the modules that a session leaves open: another model's are others. */
  readonly #made = new Map<readonly AdaptedModule[], Promise<Record<string, Tensor>>>()
  #regions: { readonly key: string; readonly feeds: Record<string, Tensor> } | undefined
  readonly #course: StackCourse | undefined
  readonly #changing = new Map<readonly AdaptedModule[], CourseFeeds>()
  constructor(
    stack: readonly StackEntry[],
    { alone = false, course }: { readonly alone?: boolean; readonly course?: StackCourse | undefined } = {},
  ) {
    this.stack = stack
    this.alone = alone
    this.#course = course
  }

  /** Runs of a step, whose answers are averaged. */
  get passes(): number {
    return this.#course?.passes ?? 1
  }

  /** How many groups the adapters stand in. */
  get groups(): number {
    return 1 + this.#masks().length
  }

  /** Where they act, for what is fed beside them: `sample` (N, C, h, w) and `context` (N, G·T, D). */
  regionsOf({ session, levels }: AdaptedSession, { sample, context }: Record<string, Feed>): Record<string, Tensor> {
    if (levels === undefined || !sample || !context) return {}
    const [, , height = 0, width = 0] = sample.shape
    const tokens = (context.shape[1] ?? 0) / this.groups
    const key = [height, width, tokens, levels].join()
    const made = this.#regions?.key === key ? this.#regions.feeds : regionFeeds(this.#masks(), { height, width, levels, tokens })
    this.#regions = { key, feeds: made }
    const known = new Set(session.inputNames)
    return Object.fromEntries(Object.entries(made).filter(([name]) => known.has(name)))
  }

  #masks(): readonly Mask[] {
    return this.alone ? [] : masksOf(this.stack)
  }

  /** At full strength, or at a moment as the course of the stack has it. */
  of(session: AdaptedSession, moment?: StackMoment): Promise<Record<string, Tensor>> {
    const { network, adapted } = session
    if (moment && this.#course) {
      const changing =
        this.#changing.get(adapted) ?? new CourseFeeds(this.#course, this.#changeable(session, this.#course), this.#feedsOf(session))
      this.#changing.set(adapted, changing)
      return changing.at(moment)
    }
    const known = this.#made.get(adapted)
    if (known) return known
    const feeds = stackTerms(network, this.alone ? [] : this.stack).then(this.#feedsOf(session))
    this.#made.set(adapted, feeds)
    return feeds
  }

  #feedsOf({ adapted, fed, minimumRank }: AdaptedSession) {
    return async (terms: ActiveTerms): Promise<Record<string, Tensor>> => ({
      ...stackFeeds(stackedTerms(terms), adapted, minimumRank, this.groups),
      ...(await fed.feeds(foldedTerms(terms))),
    })
  }

  /** Throws `strength-folded` where what is to change is in the weights of the session. */
  async #changeable({ network, fed }: AdaptedSession, course: StackCourse): Promise<ActiveTerms> {
    const terms = await stackTerms(network, this.stack)
    const folded = foldedTerms(terms)
    if (foldedKeys(network.weights, folded).every((key) => fed.keys.has(key))) return terms
    const changing = new Set(
      [...folded.values()].flatMap((active) => active.flatMap(({ entry = 0 }) => (course.steady(entry) ? [] : entry))),
    )
    const names = [...changing].map((entry) => this.stack[entry]?.adapter.name ?? '')
    if (names.length > 0) throw new PigmentError('strength-folded', cannotChange(names), { adapters: names })
    return terms
  }
}

const cannotChange = (names: readonly string[]): string =>
  `The strength of ${names.map((name) => `"${name}"`).join(', ')} is to change from step to step, and this device has parts of that kind of adapter added into the weights for a whole picture. Give one strength for all steps, or draw on the CPU (--device cpu).`

/** What a stack adds to the weights of one network. */
export async function stackTerms(network: AdaptedNetwork, stack: readonly StackEntry[]): Promise<ActiveTerms> {
  const { weights } = network
  await using _norms = holdRowNorms()
  return await activeTerms(stack, network, (path) => baseWeight(weights.get(`${path}.weight`), weights.get(`${path}.bias`)))
}

/** Those who ask for something while it is on its way get the same: adapters of a stack share the weight that they stand on. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => (reading ??= read().finally(() => (reading = undefined)))
}

const bases = new WeakMap<TensorSource, BaseWeight>()

export function baseWeight(source: TensorSource | undefined, bias?: TensorSource): BaseWeight | undefined {
  if (!source) return undefined
  const known = bases.get(source)
  if (known) return known
  const read = shared(() => readWeight(source))
  const base: BaseWeight = {
    shape: shapeOf(source),
    read,
    rowNorms: async (pair) => rowNorms(await read(), pair),
    bias: bias && (() => readWeight(bias)),
  }
  bases.set(source, base)
  return base
}
