// One member of a run: its part of θ, what is kept beside it, and how it learns from the micro-batches of a step.
import { views, type Placement } from '../runtime/flat-parameters.ts'
import type { SessionThread } from '../runtime/session-thread.ts'
import type { Session } from '../runtime/session.ts'
import { LossScaler } from './loss-scaler.ts'
import { clipGlobalNorm } from './optimizers/clip.ts'
import type { OptimizerState } from './optimizers/optimizer.ts'
import type { Extra, Feeds, Member, Plan, Views } from './plan.ts'
import { elementCount } from '../tensor/tensor.ts'
import { isNumber, sharedGradient } from './shared-gradient.ts'
import type { Told, Training } from './steps.ts'

/** A session with memory for the gradients that it computes. */
export interface Lane {
  readonly session: Session | SessionThread
  readonly gradient: Float32Array
  readonly into: Views
}

export interface LearnerParts {
  readonly member: Member
  readonly placements: readonly Placement[]
  readonly theta: Float32Array
  readonly optimizer: OptimizerState
  readonly extra: Extra
  readonly frozen: Views
}

export class Learner {
  readonly optimizer: OptimizerState
  readonly extra: Extra
  readonly frozen: Views
  /** Where the loss is scaled. */
  readonly scaler: LossScaler | undefined
  /** What it learns by is being changed. */
  updating = false
  readonly #member: Member
  readonly #theta: Float32Array
  readonly #parameters: Views
  readonly #placements: readonly Placement[]
  readonly #batches: (n: number) => Feeds | Promise<Feeds>
  readonly #training: Training<unknown>
  readonly #plan: Plan<unknown>

  constructor(training: Training<unknown>, { member, placements, theta, optimizer, extra, frozen }: LearnerParts) {
    this.#training = training
    this.#plan = training.plan
    this.#member = member
    this.#placements = placements
    this.#theta = theta
    this.#parameters = views(placements, theta)
    this.#batches = training.batches(member)
    this.optimizer = optimizer
    this.extra = extra
    this.frozen = frozen
    this.scaler = training.scaled ? new LossScaler() : undefined
  }

  /** Learns once, its micro-batches side by side on the lanes; `sum` is room for the gradient of the step, which it leaves there. */
  async step(step: number, lr: number, lanes: readonly Lane[], sum: Float32Array): Promise<Told> {
    const { scaler } = this
    const lossScale = scaler?.scale
    const outputs = { ...(await this.#gradient(step, lanes, sum)), ...(lossScale === undefined ? {} : { lossScale }) }
    if (scaler && !scaler.unscale(sum)) return { outputs, gradNorm: 0, lr, skippedInRow: scaler.skippedInRow }
    const still = this.#placements.filter((_, i) => step > (this.#plan.trainables[i]?.until ?? Infinity)).map((one) => rangeOf(one))
    const kept = still.map(([from, to]) => this.#theta.slice(from, to))
    for (const [from, to] of still) sum.fill(0, from, to)
    const gradNorm = clipGlobalNorm(sum, this.#training.maxGradNorm)
    const at = { ...this.#at(step), theta: this.#parameters, gradient: views(this.#placements, sum) }
    const learnt = this.#training.observer?.before({ step, theta: this.#theta, gradient: sum, gradNorm })
    this.updating = true
    this.#plan.beforeUpdate?.(at)
    // What was skipped is no update, as its bias corrections count them.
    await this.optimizer.update(this.#theta, sum, { lr, step: step - (scaler?.skipped ?? 0) })
    // Momentum and decay would go on moving what learns no more.
    for (const [i, [from]] of still.entries()) this.#theta.set(kept[i] ?? [], from)
    this.#plan.afterUpdate?.(at)
    this.updating = false
    learnt?.()
    return { outputs: { ...outputs, ...this.optimizer.told?.(), ...this.#plan.told?.(at) }, gradNorm, lr }
  }

  /** What the graph says of each picture of a batch under these weights, in place of its own; the gradients that come with it are overwritten by the next step. */
  async measure(batch: Feeds, theta: Views, { session, into }: Lane): Promise<Float32Array> {
    const at = { ...this.#at(0), micro: 0, batch, whole: true }
    const scale = this.scaler && { loss_scale: { shape: [], data: Float32Array.of(1) } }
    const { rows } = await session.run({ ...theta, ...this.frozen, ...batch, ...scale, ...this.#plan.feeds?.(at) }, into)
    return rows?.data.slice() ?? new Float32Array()
  }

  /** The mean gradient into `sum`; gives the means of the other outputs. */
  async #gradient(step: number, lanes: readonly Lane[], sum: Float32Array): Promise<Told['outputs']> {
    const { accumulation, exchange, graph, observer } = this.#training
    if (exchange) {
      const feeds = (micro: number): Promise<Feeds> => this.#feeds(step, micro)
      return sharedGradient(exchange, { step, member: this.#member.index, accumulation, graph, feeds }, lanes, sum)
    }
    const outputs: Record<string, number> = {}
    sum.fill(0)
    for (let micro = 0; micro < accumulation; micro += lanes.length) {
      const busy = lanes.slice(0, accumulation - micro)
      const feeds = await Promise.all(busy.map((_, i) => this.#feeds(step, micro + i)))
      const told = await Promise.all(busy.map(({ session, into }, i) => session.run(feeds[i] ?? {}, into)))
      for (const [i, { gradient }] of busy.entries()) {
        for (const [name, { data }] of Object.entries(told[i] ?? {}))
          if (isNumber(name)) outputs[name] = (outputs[name] ?? 0) + (data[0] ?? NaN) / accumulation
        const rows = told[i]?.rows?.data
        if (rows) observer?.rows({ member: this.#member, n: (step - 1) * accumulation + micro + i, rows, feeds: feeds[i] ?? {} })
        for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (gradient[k] ?? 0) / accumulation
      }
    }
    return outputs
  }

  async #feeds(step: number, micro: number): Promise<Feeds> {
    const batch = await this.#batches((step - 1) * this.#training.accumulation + micro)
    const scale = this.scaler && { loss_scale: { shape: [], data: Float32Array.of(this.scaler.scale) } }
    return { ...this.#parameters, ...this.frozen, ...batch, ...scale, ...this.#plan.feeds?.({ ...this.#at(step), micro, batch }) }
  }

  #at = (step: number) => ({ step, member: this.#member, extra: this.extra, frozen: this.frozen })
}

const rangeOf = ({ offset, shape }: Placement): readonly [number, number] => [offset, offset + elementCount(shape)]
