// LoRA training: prepare once, then step by step; stops within one step and continues bit for bit.
import type { Adapter } from './adapters/adapter.ts'
import type { Dataset } from './datasets/dataset.ts'
import { changedBy, type TakenRungs } from './memory-rungs.ts'
import { PigmentError, type ErrorRecord } from './requests/error.ts'
import type { TrainRequest } from './requests/train.ts'
import type { TrainEvent } from './requests/train-events.ts'
import type { Model } from './sessions/open-model.ts'
import { adapterTraining, frozenWeights, openLanes } from './training/adapter-training.ts'
import { frozenBase, packedBase } from './training/base-weights.ts'
import { releasePacked } from './weights/codec.ts'
import { besideSet, classDataset } from './training/class-pictures.ts'
import { inSteps, stepsPerEpoch } from './training/epochs.ts'
import { Checkpoints } from './training/checkpoints.ts'
import { LaneSteps } from './training/lane-steps.ts'
import type { Exchange } from './training/exchange.ts'
import { watchedLearning } from './training/learnt.ts'
import { trainingLoop, type Ahead } from './training/loop.ts'
import { withMasks } from './training/masks/with-masks.ts'
import type { Pause } from './training/pause.ts'
import { prepareTraining, stopWhereAsked } from './training/prepare-training.ts'
import { largestSide } from './training/picture-settings.ts'
import { runIdentity, threadsOf } from './training/run-identity.ts'
import { trainingDataset, type TrainingDataset } from './training/training-dataset.ts'
import { memoryVerdict } from './fitting-change.ts'
import type { MemoryRoom } from './runtime/memory-room.ts'
import { trainedNetworks } from './training/trained-networks.ts'
import { refuseTrigger } from './training/trigger-vectors.ts'
import { trainingRules } from './training-rules.ts'
import type { ValidationPoint } from './requests/watch-events.ts'
import { Watch } from './training/watching/watch.ts'

export interface TrainOptions {
  /** Checkpoints of this run; a valid one of the same request is continued. */
  readonly runFolder: string
  readonly signal?: AbortSignal
  /** Begins with these weights instead of fresh ones; the rank must be the same. */
  readonly initial?: Adapter
  /** What memory there is: a run that cannot fit is refused, one that may not is told of. Without it nothing is asked. */
  readonly room?: MemoryRoom
  /** What of the request was changed for want of memory since the run began; `request` has it already. */
  readonly rungs?: TakenRungs
  /** Those who train the same together with this process. */
  readonly exchange?: Exchange | undefined
  /** What is unwise about the pictures, told as warnings where a run begins. */
  readonly unwise?: ((pictures: Dataset['pictures'], side: number) => readonly ErrorRecord[]) | undefined
  /** It stops after this step, as if `signal` had said so. */
  readonly stopAt?: number | undefined
  /** It stands still where this asks it to, once its checkpoint is written, and goes on as if it had not. */
  readonly pause?: Pause | undefined
  /** Sees what a run that stops or stands still has learnt so far. */
  readonly onStop?: ((stopped: Omit<Trained, 'validation'>) => Promise<void>) | undefined
  /** Asked after every step; may look at the adapter as it is then. Training waits for it and is not changed by it. */
  readonly afterStep?: (step: number, adapter: () => Promise<Adapter>, ahead: Ahead) => Promise<void>
}

export interface Trained {
  readonly adapter: Adapter
  readonly dataset: Dataset
  /** The last one that was made. */
  readonly step: number
  /** As it was carried out, in steps. */
  readonly request: TrainRequest
  readonly stepsPerEpoch: number
  /** What was measured on held-out pictures. */
  readonly validation: readonly ValidationPoint[]
}

/**
 * Trains a LoRA on the layers that the request names. Throws dataset errors, `loss-nan` (the last good checkpoint stays),
 * `resume-mismatch`, `dataset-problems`, `memory-short`, what `trainingRules` throw, `cancelled` (after writing a checkpoint), `out-of-memory`,
 * `save-nothing-learnt`.
 */
export async function* train(
  model: Model,
  asked: TrainRequest,
  { runFolder, signal, initial, room, rungs, exchange, afterStep, stopAt, pause, onStop, unwise }: TrainOptions,
): AsyncGenerator<TrainEvent, Trained> {
  for (const rule of trainingRules) rule(asked, initial !== undefined) // what does not fit is told before anything is prepared
  trainedNetworks(model.checkpoint, asked)
  refuseTrigger(model, asked)
  refuseTogether(asked, exchange)
  const dataset = yield* masked(asked, yield* trainingDataset(asked, signal))
  const ofClass = yield* classDataset(asked, signal)
  const beside = besideSet(asked, dataset, ofClass)
  const perEpoch = stepsPerEpoch([...dataset.pictures, ...(beside?.pictures ?? [])], asked, model)
  const request = inSteps(asked, perEpoch)
  if (request !== asked) for (const rule of trainingRules) rule(request, initial !== undefined) // as many steps as there are may be too few
  if (room) yield* lookAtMemory(model, request, dataset, room)
  const identity = await runIdentity(model, request, dataset, { initial, ofClass, rungs })
  const checkpoints = yield* Checkpoints.open(runFolder, identity, rungs && changedBy(rungs))
  if (checkpoints.step === 0)
    for (const one of unwise?.([...dataset.pictures, ...dataset.apart], model.defaultSide) ?? []) yield { type: 'warning', ...one }
  const apart = request.validateEvery === undefined ? [] : dataset.apart
  const prepared = yield* prepareTraining(model, dataset, request, { beside, apart, signal })

  yield { type: 'prepare', stage: 'graph', done: 0, total: 1 }
  stopWhereAsked(signal, 'Stopped before the network was opened')
  await model.release('unet')
  const base = yield* packedBase(frozenBase(model.checkpoint, request), request, { ...model.sessionOptions, signal })
  const alone = { ...adapterTraining(model, request, prepared, { base, initial }), exchange }
  // Of those who train together the first one looks on.
  const looksOn = exchange === undefined || exchange.rank === 0
  const paths = dataset.pictures.map(({ path }) => path)
  const watch = looksOn ? await Watch.open({ model, request, paths, prepared, training: alone }, checkpoints.resumed) : undefined
  const training = { ...alone, observer: watch }
  await using lanes = yield* openLanes(training, model, request)
  if (base) releasePacked(base)
  await using steps = await LaneSteps.open(training, lanes, checkpoints)

  const { length: pictures } = prepared.pictures
  const [trainable, total] = [steps.theta.length, frozenWeights(model, request)]
  yield { type: 'start', step: checkpoints.step, steps: request.minutes === undefined ? request.steps : 0, trainable, total, pictures }
  const stopped = onStop && ((step: number, adapter: Adapter) => onStop({ adapter, dataset, step, request, stepsPerEpoch: perEpoch }))
  const looped = { ...request, signal, afterStep, watch, stopAt, pause, onStop: stopped }
  const adapter = yield* watchedLearning(trainingLoop(steps, checkpoints, looped), {
    ...training,
    theta: steps.theta,
    request,
    step: checkpoints.step,
  })
  return { adapter, dataset, step: checkpoints.step, request, stepsPerEpoch: perEpoch, validation: watch?.points ?? [] }
}

/** Pictures that are measured on are masked like those that are trained on. */
async function* masked(request: TrainRequest, dataset: TrainingDataset): AsyncGenerator<TrainEvent, TrainingDataset> {
  const { length } = dataset.pictures
  const { pictures } = yield* withMasks(request, { ...dataset, pictures: [...dataset.pictures, ...dataset.apart] })
  return { ...dataset, pictures: pictures.slice(0, length), apart: pictures.slice(length) }
}

/** Each of those who train together has to end at the same step; only one of them measures, and each has a clock. Throws `minutes-together`, `plateau-together`. */
function refuseTogether({ patience, minutes }: TrainRequest, exchange: Exchange | undefined): void {
  if (exchange === undefined) return
  if (minutes !== undefined) {
    const sentence = `--minutes ${minutes} would end each of those who train together at a step of its own. Give --steps or --epochs, or train with one worker.`
    throw new PigmentError('minutes-together', sentence, { minutes })
  }
  if (patience === undefined) return
  const sentence = `--patience ${patience} would end one of those who train together before the others. Leave it out, or train with one worker.`
  throw new PigmentError('plateau-together', sentence, { patience })
}

/** On the CPU: what other devices have free is not known. Throws `memory-short` where the run cannot fit. */
function* lookAtMemory(model: Model, request: TrainRequest, { pictures }: Dataset, room: MemoryRoom): Generator<TrainEvent> {
  if ((model.sessionOptions.provider ?? 'cpu') !== 'cpu') return
  const captions = new Set(['', ...pictures.map(({ caption }) => caption)]).size
  const options = { side: largestSide(request, model.defaultSide), threads: threadsOf(model), pictures: pictures.length, captions }
  const { problem, stops } = memoryVerdict(model.checkpoint, request, options, room, process.memoryUsage().rss)
  if (problem && stops) throw problem
  if (problem) yield { type: 'warning', ...problem.record() }
}
