// The loop of every training: step by step, with checkpoints; stops within one step and continues bit for bit.
import { stepClock } from '../runtime/step-clock.ts'
import type { RunVectors } from '../files/run-checkpoint.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { allFinite } from '../tensor/tensor.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { Pause } from './pause.ts'
import { RunLength } from './run-length.ts'
import type { Steps, Told } from './steps.ts'

export interface LoopOptions<R> {
  /** May change as the run goes on. */
  readonly steps: number
  /** It ends with the first step after which its steps have taken so long. */
  readonly minutes?: number | undefined
  /** Highest learning rate, for what an error advises. */
  readonly lr: number
  /** 0 writes only at the end of the run or on cancel. */
  readonly checkpointEvery: number
  readonly signal?: AbortSignal | undefined
  /** It stops there as if it were asked to. */
  readonly stopAt?: number | undefined
  readonly pause?: Pause | undefined
  /** Sees the result as it is where the run stops or stands still, once its checkpoint is written. */
  readonly onStop?: ((step: number, result: R) => Promise<void>) | undefined
  /** Asked after every advance; may look at the result as it is then. The loop waits for it and is not changed by it. */
  readonly afterStep?: ((step: number, result: () => Promise<R>, ahead: Ahead) => Promise<void>) | undefined
  readonly watch?: LoopWatch<R> | undefined
  /** In milliseconds. */
  readonly now?: (() => number) | undefined
}

/** Where a run is after a step. */
export interface Ahead {
  /** All that it will make, as far as that is known. */
  readonly steps: number
  /** None is to follow. */
  readonly last: boolean
}

/** Tells how a run goes, and may end it before its last step. */
export interface LoopWatch<R> {
  /** Before the first step, and after each; after the last one it may look once more. */
  at(step: number, work: Steps<R>, last: boolean): AsyncGenerator<TrainEvent, void>
  /** No step is to follow. */
  readonly over: boolean
  /** What a checkpoint keeps of it. */
  vectors(): RunVectors
}

/** Throws `loss-nan` (the last good checkpoint stays), `cancelled` (after writing one), and what steps and checkpoints throw, such as `device-lost`. */
export async function* trainingLoop<R>(work: Steps<R>, checkpoints: Checkpoints, options: LoopOptions<R>): AsyncGenerator<TrainEvent, R> {
  const { signal, checkpointEvery, afterStep, watch, pause, stopAt = Infinity } = options
  let { step } = checkpoints
  let lastLoss = 0
  const length = await RunLength.of(options, checkpoints.resumed, options.now)
  const vectors = (): RunVectors => ({ ...work.vectors(), ...watch?.vectors(), ...length.vectors() })
  let clock = stepClock(options.steps - step)
  let began = performance.now()
  const kept = async function* (): AsyncGenerator<TrainEvent, void> {
    yield* checkpoints.save(step, vectors())
    if (step > 0) await options.onStop?.(step, await work.result())
  }
  const looked = async function* (at: number): AsyncGenerator<TrainEvent> {
    if (watch) yield* yield* orSaved(() => gathered(watch.at(at, work, length.over(at))), { work, vectors, checkpoints, step: at, at })
  }
  if (step === 0) yield* looked(0)
  while (!length.over(step) && !watch?.over) {
    const stands = pause?.asked === true && !signal?.aborted
    if (stands) {
      yield* kept()
      const since = performance.now()
      await pause.hold(step)
      // How long it stood says nothing of how fast it goes.
      began += performance.now() - since
      clock = stepClock(options.steps - step)
    }
    if (signal?.aborted || step >= stopAt) {
      if (!stands) yield* kept()
      const sentence = `Stopped after ${length.told(step)}. The same command continues from there.`
      throw new PigmentError('cancelled', sentence, { step, runFolder: checkpoints.folder })
    }
    const before = step
    const told = yield* orSaved(() => length.timed(() => work.advance(before, Math.min(options.steps, stopAt) - before)), {
      work,
      vectors,
      checkpoints,
      step,
      at: step + 1,
    })
    for (const one of told) {
      refuseInfinite(++step, one, checkpoints, options)
      yield* skippedTold(step, one)
    }
    if (!allFinite(work.theta)) throw infinite(step, told.at(-1), 'the update made the weights infinite', checkpoints, options)
    let foreseen = options.steps
    for (const [i, { outputs, gradNorm, lr }] of told.entries()) {
      const { loss: now = NaN, ...others } = outputs
      // A skipped step may have none.
      const loss = (lastLoss = Number.isFinite(now) ? now : lastLoss)
      const more = Object.keys(others).length > 0 ? { others } : {}
      const [memory, pace] = [process.memoryUsage.rss(), clock()]
      const ahead = length.ahead(before + i + 1, pace)
      foreseen = ahead.steps
      yield { type: 'step', step: before + i + 1, loss, lr, gradNorm, ...more, ...pace, ...ahead, memory }
    }
    const due = checkpointEvery > 0 && Math.floor(step / checkpointEvery) > Math.floor(before / checkpointEvery)
    yield* looked(step)
    const last = length.over(step) || watch?.over === true
    if (due || last) yield { type: 'checkpoint', step, path: yield* checkpoints.save(step, vectors()) }
    const at = { steps: last ? step : foreseen, last }
    const look = (): Promise<void> | undefined => afterStep?.(step, async () => work.result(), at)
    yield* orSaved(async () => look(), { work, vectors, checkpoints, step, at: step })
  }
  yield { type: 'done', step, seconds: (performance.now() - began) / 1000 }
  return await work.result()
}

async function gathered<T>(events: AsyncGenerator<T, void>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

interface Saving<R> {
  readonly work: Steps<R>
  readonly vectors: () => RunVectors
  readonly checkpoints: Checkpoints
  readonly step: number
  /** Where an error says that it was. */
  readonly at: number
}

/** Where memory does not suffice for the next step, or for a look at the last one, what was learnt until then is kept. */
async function* orSaved<T, R>(doing: () => Promise<T>, { work, vectors, checkpoints, step, at }: Saving<R>): AsyncGenerator<TrainEvent, T> {
  try {
    return await doing()
  } catch (error) {
    const short = error instanceof PigmentError && error.code === 'out-of-memory'
    if (short && step > checkpoints.step && work.whole?.()) yield* checkpoints.save(step, vectors())
    return checkpoints.rethrow(at, error)
  }
}

/** So many skipped steps in a row are told; by so many the loss scale has become 2⁻¹⁴: it is not the scale that is too large. */
const many = 10
const endless = 30

function* skippedTold(step: number, { skippedInRow, outputs }: Told): Generator<TrainEvent> {
  if (skippedInRow !== many) return
  const facts = { step, steps: many, scale: outputs.lossScale }
  const message = `The last ${many} steps gave gradients that fp16 cannot hold, and were skipped; the loss scale is down to ${outputs.lossScale}. If it goes on, choose bf16 or fp32 (--compute-precision).`
  yield { type: 'warning', code: 'steps-skipped', message, facts }
}

function refuseInfinite(step: number, told: Told, checkpoints: Checkpoints, options: Pick<LoopOptions<unknown>, 'lr'>): void {
  const { gradNorm, outputs, skippedInRow = 0 } = told
  if (skippedInRow > 0 && skippedInRow < endless) return
  if (skippedInRow === 0 && Number.isFinite(outputs.loss) && Number.isFinite(gradNorm)) return
  if (skippedInRow > 0)
    throw infinite(step, told, `${skippedInRow} steps in a row gave gradients that are not finite at any loss scale`, checkpoints, options)
  throw infinite(step, told, `the loss is ${outputs.loss} and the gradient norm ${gradNorm}`, checkpoints, options)
}

function infinite(
  step: number,
  told: Told | undefined,
  what: string,
  { kept, folder, step: checkpoint }: Checkpoints,
  { lr }: Pick<LoopOptions<unknown>, 'lr'>,
): PigmentError {
  const facts = { step, loss: String(told?.outputs.loss), gradNorm: String(told?.gradNorm), runFolder: folder, checkpoint }
  return new PigmentError('loss-nan', `Step ${step}: ${what}. Lower the learning rate (now ${lr}); ${kept}.`, facts)
}
