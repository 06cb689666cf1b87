// One stage of pre-training by the engine's loop: a cosine course, AdamW or Muon, and an average of the weights; stops and resumes at a checkpoint.
import type { Feed, Provider } from '../../engine/runtime/session.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { floatsOf } from '../../engine/tensor/vectors.ts'
import { drain } from '../../main/operations/drain.ts'
import { Checkpoints } from '../../engine/training/checkpoints.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import { Lanes } from '../../engine/training/lanes.ts'
import { trainingLoop } from '../../engine/training/loop.ts'
import type { Steps, Training } from '../../engine/training/steps.ts'
import { weightsPlan, type Weights } from '../../engine/training/weights-plan.ts'
import { courseFacts } from './course-checkpoints.ts'
import { inParts, type CourseSource } from './course.ts'
import type { TrainingGraph } from './graphs.ts'
import { recipeOptimizer } from './recipe-optimizer.ts'
import { DeviceRounds } from './rounds/device-rounds.ts'
import { Sittings } from './sittings.ts'
import { Telling } from './telling.ts'

export interface CourseOptions {
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
  /** How many equal parts of the batch are worked on side by side. */
  readonly lanes?: number
  /** So many steps in one run of a session (rounds/), which a card's provider wants. */
  readonly rounds?: number
  readonly provider?: Provider
  /** In rounds: threads that prepare what the next run is fed with, if `source` says how they make the same course. */
  readonly feeders?: number
  readonly source?: CourseSource
  /** In rounds: as many steps as fit before the process is so old, in place of `steps`. */
  readonly seconds?: number
  /** What every step is fed with alike. */
  readonly fixed?: Record<string, Tensor>
  /** Fresh weights, when there is no checkpoint. */
  readonly initial: () => Weights | Promise<Weights>
  /** What step `n`, counted from 0, is fed with: a pure function of n. */
  readonly feed: (step: number) => Record<string, Feed>
  readonly report: (line: string) => void
  readonly saveEvery?: number
}

/** Trains to `steps` and returns the averaged weights by name. */
export async function trainAll({ graph, trained }: TrainingGraph, options: CourseOptions): Promise<Weights> {
  const { folder, lanes: count = 1, rounds, report } = options
  const checkpoints = await drain(Checkpoints.open(folder, courseFacts(trained)), ({ type, ...told }) =>
    report(`${type}: ${'message' in told ? told.message : ''}`),
  )
  const run = {
    steps: options.steps,
    lr: options.lr,
    checkpointEvery: options.saveEvery ?? (rounds === undefined ? 200 : 2000),
    afterStep: async (step: number) => fit?.(step),
  }
  const fit = options.seconds === undefined ? undefined : stepsThatFit(run, options.seconds, rounds ?? 1, report)
  const training: Training<Weights> = {
    graph,
    plan: weightsPlan(trained, options.initial),
    members: [{ index: 0, seed: 0 }],
    batches: () => inParts(options.feed, count, options.fixed),
    accumulation: count,
    optimizer: (theta, layout) => recipeOptimizer(theta, layout, options),
    rate: (step) => options.lr * cosineShare(step - 1, { ...options, steps: run.steps }),
    maxGradNorm: 1,
    ema: options.decay,
  }
  const session = { threads: options.threads }
  await using lanes =
    rounds === undefined
      ? await Lanes.open(graph, { count, threads: Math.max(1, Math.floor(options.threads / count)), session })
      : undefined
  const device = { provider: 'cpu' as const, rounds: 1, ...options }
  await using steps: Steps<Weights> & AsyncDisposable = lanes
    ? await LaneSteps.open(training, lanes, checkpoints)
    : await DeviceRounds.open(training, { graph, trained, feed: options.feed }, device, checkpoints.resumed)
  const seconds = checkpoints.resumed?.seconds
  const sittings = new Sittings(steps, seconds && (await floatsOf(seconds))[0])
  const telling = new Telling(report, rounds === undefined ? 50 : rounds * 5, checkpoints.step)
  const weights = await drain(trainingLoop(sittings, checkpoints, run), (event) => event.type === 'step' && telling.step(event))
  report(`${folder}: ${(sittings.seconds / 60).toFixed(1)} minutes in all`)
  return weights
}

/** The part of the learning rate that step `n` has, counted from 0. */
function cosineShare(n: number, { from = 0, course, steps, warmup }: Pick<CourseOptions, 'from' | 'course' | 'steps' | 'warmup'>): number {
  const [at, length] = [n - from, (course ?? steps) - from]
  return at < warmup ? (at + 1) / warmup : 0.5 * (1 + Math.cos((Math.PI * (at - warmup)) / (length - warmup)))
}

/** Asked after each run of `rounds` steps. The first runs find the fastest kernels; the third one's time says how many steps there is time for. */
function stepsThatFit(run: { steps: number }, seconds: number, rounds: number, report: CourseOptions['report']): (step: number) => void {
  let [runs, began] = [0, performance.now()]
  return (step) => {
    if (++runs === 3) {
      const each = (performance.now() - began) / 1000 / rounds
      run.steps = step + Math.floor((seconds - performance.now() / 1000) / each / rounds) * rounds
      report(`${run.steps} steps of ${each.toFixed(4)} s`)
    }
    began = performance.now()
  }
}
