import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import type { presetKeys } from '../../engine/requests/model-defaults.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { memoryRoom } from '../../engine/runtime/memory-room.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { Trained } from '../../engine/train.ts'
import type { Ahead } from '../../engine/training/loop.ts'
import type { OperationContext } from '../processes/operation.ts'
import { unixTime } from './clock.ts'
import { defaultsAt } from './defaults-at.ts'
import { drain } from './drain.ts'
import type { TrainingEvent } from './events.ts'
import { holdRun } from './held-run.ts'
import type { Machinery } from './machinery.ts'
import type { PauseGate } from './pause-gate.ts'
import { openModel, type ModelChoice } from './open-model.ts'
import { prepareOutput } from './output-file.ts'
import { trainingRung, withRung } from './memory-ladder.ts'
import { abandonRun, beginRun, endRun, keepRungs, rungsOf, runFolderOf, stoppedAdapter } from './run-folder.ts'
import { holdRunFolder } from './run-lock.ts'
import { metadataOf } from './training-record.ts'
import { exchangeOf, type TrainedTogether } from './together.ts'
import { unwiseIn } from './unwise.ts'
import { usualBeside } from './usual-beside.ts'
import { keepStep, isKept } from './kept-steps.ts'
import { StepStore, type Keeping } from './step-store.ts'
import { WatchedRun } from './watched-run.ts'

/** What may be left to a preset, to the choices that it goes with, or to the adapter that is trained further. */
type Open = Pick<TrainRequest, 'variant' | (typeof presetKeys)[number]>

/** What is trained, on which model, and where it goes. What is left open is as the schema says, or as the adapter which is trained further has it. */
export interface TrainGiven extends ModelChoice, Omit<TrainRequest, keyof (Open & ModelChoice)>, Partial<Open> {
  readonly out: string
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  /** Starts even where memory is short. */
  readonly anyway?: boolean | undefined
  /** File of an adapter that is trained further, in place of a fresh one. */
  readonly continue?: string | undefined
  /** It stops after this step, as Ctrl-C would. */
  readonly stopAt?: number | undefined
  /** Steps whose weights are kept as adapters, beside the last one. */
  readonly keeping?: Keeping | undefined
  /** What is unwise about its pictures is told: where no forecast does. */
  readonly cautious?: boolean | undefined
  /** The batch of each step is shared out among those of the same group. */
  readonly together?: TrainedTogether | undefined
}

/** A look at the adapter after each step, and where it may stand still. */
export interface TrainHooks {
  readonly gate?: PauseGate
  readonly afterStep?: (model: Model, step: number, adapter: () => Promise<Adapter>, ahead: Ahead) => Promise<void>
}

/** Trains an adapter and writes it; a run that is stopped leaves its checkpoint beside. */
export async function trainAdapter(
  given: TrainGiven & Machinery,
  { signal, emit }: Pick<OperationContext<TrainingEvent>, 'signal' | 'emit'>,
  { afterStep, gate }: TrainHooks = {},
) {
  const out = await prepareOutput(given.out, '.safetensors')
  const runFolder = runFolderOf(out)
  await using _held = await holdRunFolder(runFolder)
  const rungs = await rungsOf(runFolder)
  await using model = await openModel({ ...given, emit }, { ...given, economy: { tiles: rungs.tiles } })
  const [
    { train: trainVerb },
    { readAdapter, moduleShapes },
    { leftOutOf, refuseTextEncoders, shapeOfAdapter },
    { familyCalled },
    { writeTrained, embeddingBeside },
  ] = await Promise.all([
    import('../../engine/train.ts'),
    import('../../engine/adapter-formats/read.ts'),
    import('./continued.ts'),
    import('../../engine/models/family-called.ts'),
    import('./trained-embedding.ts'),
  ])
  const initial = given.continue === undefined ? undefined : await readAdapter(given.continue, model.modules)
  if (initial) refuseTextEncoders(initial, given)
  const notTrained = given.continue !== undefined && initial ? leftOutOf(given.continue, initial, given) : undefined
  if (notTrained) emit(notTrained)
  const request = trainRequest.parse({
    ...(initial
      ? shapeOfAdapter(initial, {
          family: familyCalled(model.checkpoint.family),
          layout: model.checkpoint.unet.config,
          shapes: model.modules.shapes,
        })
      : {}),
    ...usualBeside({ ...given }),
    // Groups of the file would take the place of layers that were asked for.
    ...(given.layers === undefined ? {} : { groups: undefined }),
    ...definedIn(given),
    ...rungs.values,
  })
  const startedAt = await beginRun(runFolder, unixTime())
  const modules = moduleShapes(model.checkpoint)
  const store = new StepStore(out, given.keeping?.folder, async (adapter, file, as) => {
    // Of a step that is only looked at, nothing is rounded.
    await writeTrained(adapter, file, { modules, precision: as === 'kept' ? given.precision : 'fp32', as })
  })
  const watched = await WatchedRun.open(out, store, request)
  await using shared = await exchangeOf(given.together, request, signal)
  const title = request.title ?? basename(out).replace(/\.safetensors$/i, '')
  const write = async (file: string, { adapter, step: steps, ...of }: Omit<Trained, 'validation'>): Promise<void> => {
    const said = metadataOf({ title, model, steps, ...of, startedAt, finishedAt: unixTime() })
    // What a method says of its result stands in place of what its settings say.
    const named = { ...adapter, name: title, metadata: { ...said, ...adapter.metadata } }
    await writeTrained(named, file, { modules, precision: given.precision, as: file === out ? 'result' : 'stopped' })
  }
  let stopped: Trained | undefined
  const onStop = async (at: Omit<Trained, 'validation'>): Promise<void> => {
    await write(stoppedAdapter(runFolder), at)
    stopped = { ...at, validation: [] }
  }
  const defaults = given.cautious ? await defaultsAt(given) : undefined
  const pause = gate && {
    get asked() {
      return gate.asked
    },
    async hold(step: number) {
      await holdRun(model, step, { gate, given, signal, emit }).finally(() => {
        // It has not stopped after all.
        if (!signal.aborted) stopped = undefined
      })
    },
  }
  const options = {
    runFolder,
    exchange: shared?.exchange,
    signal,
    rungs,
    ...(initial ? { initial } : {}),
    ...(given.anyway ? {} : { room: memoryRoom() }),
    unwise:
      defaults &&
      ((pictures: Trained['dataset']['pictures'], side: number) =>
        unwiseIn(request, { pictures, trigger: request.trigger, side, defaults })),
    stopAt: given.stopAt,
    // Those who train together wait for each other at every step.
    ...(given.together ? {} : { onStop, pause }),
    afterStep: async (step: number, adapter: () => Promise<Adapter>, ahead: Ahead) => {
      if (step === 1) await store.clear()
      const keeps = { forGood: !ahead.last && isKept(given.keeping, step, ahead.steps), taken: watched.mayTake(step) }
      if (keeps.forGood || keeps.taken) await keepStep(store, step, { ...(await adapter()), name: `${title} · ${step}` }, { keeps, emit })
      await afterStep?.(model, step, adapter, ahead)
    },
  }

  const facts = { trainable: 0, total: 0, seconds: 0 }
  const losses: number[] = []
  const trained = await drain(trainVerb(model, request, options), (event) => {
    if (event.type === 'start') Object.assign(facts, { trainable: event.trainable, total: event.total })
    if (event.type === 'step') losses.push(event.loss)
    if (event.type === 'done') facts.seconds = event.seconds
    watched.tell(event)
    emit(event)
  }).catch(async (error: unknown) => {
    if (stopped && !signal.aborted) return stopped
    if (stopped) throw withAdapter(error, runFolder)
    await abandonRun(runFolder, () => store.end())
    const next = signal.aborted ? undefined : trainingRung(error, rungs, request, given.together !== undefined)
    if (!next) throw error
    await keepRungs(runFolder, next.rungs)
    throw withRung(error, { takes: [next.takes], same: next.same })
  })

  const { dataset, step: steps } = trained
  const recommendation = stopped ? undefined : await watched.recommend(trained.validation)
  if (recommendation) emit({ type: 'recommendation', ...recommendation })
  const chosen = recommendation && (await watched.chosen(recommendation))
  const kept = recommendation && chosen !== undefined ? recommendation.step : steps
  const adapter = chosen === undefined ? trained.adapter : await readAdapter(chosen, model.modules)
  const file = stopped ? stoppedAdapter(runFolder) : out
  if (!stopped) {
    await write(out, { ...trained, adapter, step: kept })
    await store.end()
    await endRun(runFolder)
  }
  const last = losses.slice(-50)
  return {
    out: file,
    sizeBytes: (await stat(file)).size,
    steps,
    ...(stopped ? { ...(request.minutes === undefined ? { of: trained.request.steps } : { minutes: request.minutes }), runFolder } : {}),
    ...(kept === steps ? {} : { keptStep: kept }),
    ...(recommendation ? { recommendation: recommendation.reason } : {}),
    seconds: facts.seconds,
    stepsPerSecond: losses.length / Math.max(facts.seconds, 1e-9),
    loss: last.length > 0 ? last.reduce((sum, loss) => sum + loss, 0) / last.length : null,
    rank: request.rank,
    alpha: request.alpha,
    layers: adapter.modules.length,
    trainable: facts.trainable,
    fraction: facts.trainable / Math.max(facts.total, 1),
    pictures: dataset.pictures.length,
    leftOut: dataset.problems.length,
    datasetFingerprint: dataset.fingerprint,
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(request.triggerVectors === undefined ? {} : { vectors: request.triggerVectors }),
    ...(stopped ? {} : embeddingBeside(adapter, out)),
  }
}

/** Who stops a run is told where what it has learnt lies. */
function withAdapter(error: unknown, runFolder: string): unknown {
  if (!(error instanceof PigmentError) || error.code !== 'cancelled') return error
  const sentence = `${error.message} What it has learnt so far: pigment export "${runFolder}" --to kohya --out FILE`
  return new PigmentError(error.code, sentence, { ...error.facts, adapter: stoppedAdapter(runFolder) }, error)
}

/** What was given, without what was not: an absent field leaves another's value. */
function definedIn<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>
}
