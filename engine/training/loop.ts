// The loop of every training: step by step, with checkpoints; stops within one step and continues bit for bit.
import { stepClock } from '../runtime/step-clock.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { allFinite } from '../tensor/tensor.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { Steps, Told } from './steps.ts'

export interface LoopOptions<R> {
  /** May change as the run goes on. */
  readonly steps: number
  /** Highest learning rate, for what an error advises. */
  readonly lr: number
  /** 0 writes only at the end of the run or on cancel. */
  readonly checkpointEvery: number
  readonly signal?: AbortSignal | undefined
  /** Asked after every advance; may look at the result as it is then. The loop waits for it and is not changed by it. */
  readonly afterStep?: ((step: number, result: () => Promise<R>) => Promise<void>) | undefined
}

/** Throws `loss-nan` (the last good checkpoint stays), `cancelled` (after writing one), and what steps and checkpoints throw, such as `device-lost`. */
export async function* trainingLoop<R>(work: Steps<R>, checkpoints: Checkpoints, options: LoopOptions<R>): AsyncGenerator<TrainEvent, R> {
  const { signal, checkpointEvery, afterStep } = options
  let { step } = checkpoints
  const clock = stepClock(options.steps - step)
  const began = performance.now()
  while (step < options.steps) {
    if (signal?.aborted) {
      yield* checkpoints.save(step, work.vectors())
      const sentence = `Stopped after step ${step} of ${options.steps}. The same command continues from there.`
      throw new PigmentError('cancelled', sentence, { step, runFolder: checkpoints.folder })
    }
    const [before, told] = [
      step,
      await work.advance(step, options.steps - step).catch((error: unknown) => checkpoints.rethrow(step + 1, error)),
    ]
    for (const one of told) refuseInfinite(++step, one, checkpoints, options)
    if (!allFinite(work.theta)) throw infinite(step, told.at(-1), 'the update made the weights infinite', checkpoints, options)
    for (const [i, { outputs, gradNorm, lr }] of told.entries()) {
      const { loss = NaN, ...others } = outputs
      const more = Object.keys(others).length > 0 ? { others } : {}
      const memory = process.memoryUsage.rss()
      yield { type: 'step', step: before + i + 1, steps: options.steps, loss, lr, gradNorm, ...more, ...clock(), memory }
    }
    const due = checkpointEvery > 0 && Math.floor(step / checkpointEvery) > Math.floor(before / checkpointEvery)
    if (due || step >= options.steps) yield { type: 'checkpoint', step, path: yield* checkpoints.save(step, work.vectors()) }
    await afterStep?.(step, async () => work.result())
  }
  yield { type: 'done', step, seconds: (performance.now() - began) / 1000 }
  return await work.result()
}

function refuseInfinite(step: number, told: Told, checkpoints: Checkpoints, options: Pick<LoopOptions<unknown>, 'lr'>): void {
  const { gradNorm, outputs } = told
  if (Number.isFinite(outputs.loss) && Number.isFinite(gradNorm)) return
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
