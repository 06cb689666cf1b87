// The pre-training loop: AdamW with clipping, a cosine course and an average of the weights; stops and resumes at a checkpoint.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { writeSafetensors } from '../../engine/files/safetensors-write.ts'
import { clipScale } from '../../engine/training/optimizers/clip.ts'
import { emaDecay } from '../../engine/training/optimizers/ema.ts'
import { fill, layoutOf, views, type Placement } from '../../engine/runtime/flat-parameters.ts'
import type { Feed, Provider } from '../../engine/runtime/session.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainingGraph } from './graphs.ts'
import { Lanes, sharedFlat, type Course, type CourseSource, type Flat, type UpdateOptions } from './lanes.ts'
import { DeviceRounds } from './rounds.ts'

export interface LoopOptions {
  readonly folder: string
  readonly steps: number
  /** The end of the cosine course, when it is not `steps`. */
  readonly course?: number
  /** The first step of this cosine course, for a course that goes on from the checkpoint of another. */
  readonly from?: number
  readonly lr: number
  readonly warmup: number
  readonly weightDecay: number
  readonly decay: number
  readonly threads: number
  /** Which weights of two axes and more Muon updates; AdamW has the others. */
  readonly matrices?: (name: string) => boolean
  /** How many equal parts of the batch are worked on side by side, if `source` says how another thread makes the same course. */
  readonly lanes?: number
  readonly source?: CourseSource
  /** So many steps in one run of a session (rounds.ts), which a card's provider wants. */
  readonly rounds?: number
  readonly provider?: Provider
  /** Threads that prepare what the next run is fed with. */
  readonly feeders?: number
  /** In rounds: as many steps as fit before the process is so old, in place of `steps`. */
  readonly seconds?: number
  /** What every step is fed with alike; where there are lanes, one only, since what is fed is split over them. */
  readonly fixed?: Record<string, Tensor>
  /** Fresh weights, when there is no checkpoint. */
  readonly initial: () => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>
  /** What step `n`, counted from 0, is fed with: a pure function of n. */
  readonly feed: (step: number) => Record<string, Feed>
  readonly report: (line: string) => void
  readonly saveEvery?: number
}

/** What step `n` is updated with, but for clipping. */
function hyper(n: number, { from = 0, course, steps, warmup, lr, weightDecay, decay }: LoopOptions): Omit<UpdateOptions, 'scale'> {
  const [at, length] = [n - from, (course ?? steps) - from]
  const share = at < warmup ? (at + 1) / warmup : 0.5 * (1 + Math.cos((Math.PI * (at - warmup)) / (length - warmup)))
  return { lr: lr * share, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay, step: n + 1, decay: emaDecay(n + 1, { decay }) }
}

/** Prints a line now and then, and stops a course whose loss is no number. */
class Telling {
  readonly #report: (line: string) => void
  readonly #every: number
  #smooth = NaN
  #since = performance.now()
  #last: number
  constructor(report: (line: string) => void, every: number, from: number) {
    this.#report = report
    this.#every = every
    this.#last = from
  }

  step(n: number, steps: number, { loss = NaN, norm = NaN, ...others }: Record<string, number>): void {
    if (!Number.isFinite(loss) || !Number.isFinite(norm))
      throw new PigmentError('loss-nan', `Step ${n}: the loss is ${loss}. Lower the learning rate; the last checkpoint is kept.`, {
        step: n,
      })
    this.#smooth = Number.isNaN(this.#smooth) ? loss : this.#smooth * 0.97 + loss * 0.03
    if ((n + 1) % this.#every !== 0) return
    const seconds = (performance.now() - this.#since) / 1000 / (n + 1 - this.#last)
    this.#since = performance.now()
    this.#last = n + 1
    const told = Object.entries(others).map(([name, value]) => `${name} ${value.toFixed(3)}  `)
    this.#report(
      `step ${n + 1}/${steps}  loss ${this.#smooth.toFixed(5)}  ${told.join('')}norm ${norm.toFixed(2)}  ${seconds.toFixed(3)} s/step`,
    )
  }
}

/** Trains to `steps` and returns the averaged weights by name. */
export async function trainAll({ graph, trained }: TrainingGraph, options: LoopOptions): Promise<Map<string, Tensor>> {
  const { placements, size } = layoutOf(trained)
  const flat = sharedFlat(size)
  const before = await load(options.folder, flat)
  const { step: done } = before
  if (done === 0) {
    fill(placements, flat.theta, await options.initial())
    flat.average.set(flat.theta)
  }
  const course = { graph, trained, feed: options.feed }
  const clock = new Clock(before.seconds)
  if (options.rounds === undefined) await trainInLanes(course, flat, done, clock, options)
  else await trainInRounds(course, flat, done, clock, options)
  options.report(`${options.folder}: ${(clock.seconds / 60).toFixed(1)} minutes in all`)
  return new Map(Object.entries(views(placements, flat.average)))
}

/** How long a course has taken so far, over all its sittings. */
class Clock {
  readonly #since = performance.now()
  readonly #before: number
  constructor(before: number) {
    this.#before = before
  }
  get seconds(): number {
    return this.#before + (performance.now() - this.#since) / 1000
  }
}

async function trainInLanes(course: Course, flat: Flat, done: number, clock: Clock, options: LoopOptions): Promise<void> {
  const { steps, saveEvery = 200 } = options
  const fed = options.fixed ? { ...course, feed: (n: number) => ({ ...options.fixed, ...course.feed(n) }) } : course
  await using lanes = await Lanes.create(fed, flat, options)
  const telling = new Telling(options.report, 50, done)
  for (; done < steps; done++) {
    const { outputs, norm } = await lanes.gradient(done)
    telling.step(done, steps, { ...outputs, norm })
    await lanes.update({ ...hyper(done, options), scale: clipScale(norm, 1) })
    if ((done + 1) % saveEvery === 0 || done + 1 === steps) await saveCheckpoint(options.folder, flat, done + 1, clock.seconds)
  }
}

async function trainInRounds(course: Course, flat: Flat, done: number, clock: Clock, options: LoopOptions): Promise<void> {
  const { rounds = 1, saveEvery = 2000, provider = 'cpu' } = options
  let { steps } = options
  await using device = await DeviceRounds.create(course, { ...options, provider, rounds })
  const telling = new Telling(options.report, rounds * 5, done)
  const count = (at: number) => Math.max(0, Math.min(rounds, steps - at))
  for (let runs = 1; done < steps; runs++) {
    const began = performance.now()
    const before = done
    const updates = Array.from({ length: count(done) }, (_, i) => hyper(done + i, { ...options, steps }))
    const told = await device.advance(flat, done, updates, count(done + updates.length))
    told.forEach((values, i) => telling.step(done + i, steps, values))
    done += told.length
    // The first runs find the fastest kernels; the third one's time says how many steps fit.
    if (options.seconds !== undefined && runs === 3) {
      const each = (performance.now() - began) / 1000 / told.length
      steps = done + Math.floor((options.seconds - performance.now() / 1000) / each / rounds) * rounds
      options.report(`${steps} steps of ${each.toFixed(4)} s`)
    }
    if (Math.floor(done / saveEvery) > Math.floor(before / saveEvery) || done >= steps)
      await saveCheckpoint(options.folder, flat, done, clock.seconds)
  }
}

/** Writes a checkpoint that `trainAll` goes on from: weights, moments and averages, each as one vector in θ's order; and how many seconds they took. */
export async function saveCheckpoint(folder: string, flat: Flat, step: number, seconds = 0): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tensors = vectorsOf(flat).map(([name, data]) => ({
    name,
    dtype: 'F32' as const,
    shape: [data.length],
    data: fromFloat32(data, 'float32'),
  }))
  await writeSafetensors(join(folder, 'checkpoint.safetensors'), tensors, { step: String(step), seconds: seconds.toFixed(1) })
}

const vectorsOf = ({ theta, m, v, average }: Flat): [string, Float32Array][] => Object.entries({ theta, m, v, average })

async function load(folder: string, flat: Flat): Promise<{ step: number; seconds: number }> {
  const path = join(folder, 'checkpoint.safetensors')
  if (!existsSync(path)) return { step: 0, seconds: 0 }
  const file = await openSafetensors(path)
  for (const [name, data] of vectorsOf(flat)) data.set((await readTensor(file, name)).data)
  return { step: Number(file.metadata.get('step')), seconds: Number(file.metadata.get('seconds') ?? 0) }
}

/** The averaged weights of a checkpoint, without training on. */
export async function averagedWeights(folder: string, trained: TrainingGraph['trained']): Promise<Map<string, Tensor>> {
  const { placements, size } = layoutOf(trained)
  const flat = sharedFlat(size)
  if ((await load(folder, flat)).step === 0)
    throw new PigmentError('checkpoint-missing', `No checkpoint in ${folder}. Run the stage before it first.`, { folder })
  return new Map(Object.entries(views(placements as readonly Placement[], flat.average)))
}
