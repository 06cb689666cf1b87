// Steps by lanes: several members are shared out among them; a single member's micro-batches are.
import { tmpdir } from 'node:os'
import { layoutOf, views, type Placement } from '../runtime/flat-parameters.ts'
import { Learner, type Lane } from './learner.ts'
import type { Lanes } from './lanes.ts'
import { emaDecay, updateEma } from './optimizers/ema.ts'
import type { Extra, Feeds, Member, Plan, Views } from './plan.ts'
import type { RunVectors, SavedVectors } from '../files/run-checkpoint.ts'
import { copyVector, floatsOf, storeOf, type VectorStore } from '../tensor/vectors.ts'
import { joined, parts } from './member-vectors.ts'
import type { Steps, Told, Training } from './steps.ts'
import { extraOf, optimizerLayout, startOf } from './theta.ts'

/** Before the names of a method's vectors in checkpoints. */
const ofMethod = 'method/'

/** Lanes with the members that learn on them, one after the other. */
interface Group {
  readonly lanes: readonly Lane[]
  readonly sum: Float32Array
  readonly learners: readonly Learner[]
}

/** Where a run has its files, and what it goes on from. */
interface RunPlace {
  readonly folder?: string | undefined
  readonly resumed: SavedVectors | undefined
}

interface Opened {
  readonly theta: Float32Array
  readonly average: Float32Array | undefined
  readonly learners: readonly Learner[]
  readonly open: AsyncDisposable
}

export class LaneSteps<R> implements Steps<R>, AsyncDisposable {
  readonly theta: Float32Array
  readonly #average: Float32Array | undefined
  readonly #training: Training<R>
  readonly #placements: readonly Placement[]
  readonly #learners: readonly Learner[]
  readonly #groups: readonly Group[]
  readonly #open: AsyncDisposable

  private constructor(training: Training<R>, lanes: Lanes, { theta, average, learners, open }: Opened) {
    const { placements, size } = layoutOf(training.plan.trainables)
    this.#training = training
    this.#placements = placements
    this.#learners = learners
    this.#open = open
    this.theta = theta
    // Averaged from the first update on, which takes the random start's place.
    this.#average = training.ema === undefined ? undefined : (average ?? theta.slice())
    const own = lanes.sessions.map((session): Lane => {
      const gradient = lanes.shared(new Float32Array(size))
      return { session, gradient, into: views(placements, gradient, 'd/') }
    })
    const count = Math.min(own.length, learners.length)
    const dealt = <T>(all: readonly T[], group: number): T[] => all.filter((_, i) => i % count === group)
    this.#groups = Array.from({ length: count }, (_, group) => ({
      lanes: dealt(own, group),
      sum: new Float32Array(size),
      learners: dealt(learners, group),
    }))
  }

  /** From the start, or on from the vectors of a checkpoint. */
  static async open<R>(
    training: Training<R>,
    lanes: Lanes,
    { resumed: saved, folder = tmpdir() }: RunPlace = { resumed: undefined },
  ): Promise<LaneSteps<R>> {
    const { members, plan } = training
    const layout = optimizerLayout(plan.trainables)
    const theta = lanes.shared(saved?.theta ? await floatsOf(saved.theta) : await startOf(plan, members))
    const frozen = await frozenOf(plan, members, lanes)
    const learners: Learner[] = []
    // What is open already is closed where a later one cannot be.
    await using open = new AsyncDisposableStack()
    for (const member of members) {
      const own = parts(theta, members.length)[member.index] as Float32Array
      const optimizer = await training.optimizer(own, layout, folder)
      open.defer(async () => optimizer[Symbol.asyncDispose]?.())
      const extra = extraOf(plan)
      const learner = new Learner(training, {
        ...{ member, placements: layout.placements, theta: own, optimizer, extra },
        frozen: frozen[member.index] ?? {},
      })
      if (saved) await restore(saved, storesOf(learner), member.index)
      else plan.begin?.({ member, theta: views(layout.placements, own), extra })
      learners.push(learner)
    }
    const average = saved?.average && (await floatsOf(saved.average))
    return new LaneSteps(training, lanes, { theta, average, learners, open: open.move() })
  }

  async advance(done: number): Promise<readonly Told[]> {
    const [step, { ema, rate }] = [done + 1, this.#training]
    const lr = rate(step)
    const learn = async ({ lanes, sum, learners }: Group): Promise<Told[]> => {
      const told: Told[] = []
      for (const learner of learners) told.push(await learner.step(step, lr, lanes, sum))
      return told
    }
    const told = (await Promise.all(this.#groups.map(learn))).flat()
    if (this.#average && ema !== undefined) updateEma(this.#average, this.theta, emaDecay(step, { decay: ema }))
    const mean = (of: (one: Told) => number): number => told.reduce((sum, one) => sum + of(one), 0) / told.length
    // A member that skipped its step tells less.
    const names = Object.keys(told[0]?.outputs ?? {}).filter((name) => told.every(({ outputs }) => name in outputs))
    const outputs = Object.fromEntries(names.map((name) => [name, mean(({ outputs }) => outputs[name] ?? NaN)]))
    const skippedInRow = Math.max(...told.map((one) => one.skippedInRow ?? 0))
    return [{ outputs, gradNorm: mean(({ gradNorm }) => gradNorm), lr, ...(skippedInRow > 0 ? { skippedInRow } : {}) }]
  }

  /** Of several members some have learnt already. */
  whole(): boolean {
    return this.#learners.length === 1 && this.#learners.every(({ updating }) => !updating)
  }

  vectors(): RunVectors {
    const states = joined(this.#learners.map(storesOf))
    return { theta: this.theta, ...states, ...(this.#average ? { average: this.#average } : {}) }
  }

  async measure(batches: readonly Feeds[]): Promise<Float32Array[]> {
    const worth = this.#worth()
    const lanes = this.#groups.flatMap(({ lanes }) => lanes)
    const means: Float32Array[] = []
    for (let at = 0; at < batches.length; at += lanes.length)
      await Promise.all(
        lanes.slice(0, batches.length - at).map(async (lane, i) => {
          const all: Float32Array[] = []
          for (const [k, learner] of this.#learners.entries()) all.push(await learner.measure(batches[at + i] ?? {}, worth[k] ?? {}, lane))
          means[at + i] = (all[0] ?? new Float32Array()).map((_, row) => all.reduce((sum, one) => sum + (one[row] ?? 0), 0) / all.length)
        }),
      )
    return means
  }

  /** The weights of each member as its result has them. */
  #worth(): Views[] {
    const thetas = parts(this.#average ?? this.theta, this.#learners.length) // an average is looked at as it is
    return this.#learners.map(({ optimizer }, k) => {
      const theta = thetas[k] as Float32Array
      return views(this.#placements, this.#average ? theta : (optimizer.result?.(theta) ?? theta))
    })
  }

  result(): R | Promise<R> {
    const worth = this.#worth()
    return this.#training.plan.result(
      this.#learners.map((learner, k) => ({
        theta: worth[k] as Views,
        extra: learner.extra,
        frozen: learner.frozen,
      })),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open[Symbol.asyncDispose]()
  }
}

/** Of each member. */
async function frozenOf({ frozen = [] }: Plan<unknown>, members: readonly Member[], lanes: Lanes): Promise<Views[]> {
  const { placements } = layoutOf(frozen)
  const all = lanes.shared(await startOf({ trainables: frozen }, members))
  return parts(all, members.length).map((own) => views(placements, own))
}

/** What a member keeps from step to step beside θ, by the names that checkpoints have for it. */
function storesOf({ optimizer, extra, scaler }: Pick<Learner, 'optimizer' | 'extra' | 'scaler'>): Readonly<Record<string, VectorStore>> {
  const inMemory = { ...optimizer.vectors, ...prefixed(extra), ...(scaler ? { lossScale: scaler.state } : {}) }
  return { ...Object.fromEntries(Object.entries(inMemory).map(([name, vector]) => [name, storeOf(vector)])), ...optimizer.stores }
}

const prefixed = (extra: Extra): Extra => Object.fromEntries(Object.entries(extra).map(([name, vector]) => [ofMethod + name, vector]))

/** A member's part of what a checkpoint holds. */
async function restore(saved: SavedVectors, stores: Readonly<Record<string, VectorStore>>, index: number): Promise<void> {
  for (const [name, store] of Object.entries(stores)) if (saved[name]) await copyVector(saved[name], index * store.length, store)
}
