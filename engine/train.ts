// LoRA training: prepare once, then step by step; stops within one step and continues bit for bit.
import type { Adapter } from './adapters/adapter.ts'
import { inputNameB } from './adapters/stack.ts'
import { learningRateFactor } from './training/courses/course.ts'
import { scanDataset, type Dataset } from './datasets/dataset.ts'
import { loadRun, saveRun, type DamagedCheckpoint } from './files/run-checkpoint.ts'
import { lossWeightOf } from './training/loss-weights/loss-weight.ts'
import { emaDecay, updateEma } from './training/optimizers/ema.ts'
import { clipGlobalNorm } from './training/optimizers/clip.ts'
import { optimizerOf } from './training/optimizers/optimizer.ts'
import { views, type Placement } from './runtime/flat-parameters.ts'
import { PigmentError } from './requests/error.ts'
import type { TrainEvent, TrainRequest } from './requests/train.ts'
import { allFinite, elementCount } from './tensor/tensor.ts'
import { Lanes } from './training/lanes.ts'
import { Members } from './training/members.ts'
import { microBatches } from './training/micro-batches.ts'
import type { Model } from './sessions/open-model.ts'
import { optimizerStates } from './training/optimizer-states.ts'
import { prepareTraining, stopWhereAsked } from './training/prepare-training.ts'
import { runIdentity, threadsOf } from './training/run-identity.ts'
import { stepClock } from './runtime/step-clock.ts'
import { loraGraph } from './training/training-graph.ts'

export interface TrainOptions {
  /** Checkpoints of this run; a valid one of the same request is continued. */
  readonly runFolder: string
  readonly signal?: AbortSignal
  /** Begins with these weights instead of fresh ones; the rank must be the same. */
  readonly initial?: Adapter
  /** Asked after every step; may look at the adapter as it is then. Training waits for it and is not changed by it. */
  readonly afterStep?: (step: number, adapter: () => Adapter) => Promise<void>
}

export interface Trained {
  readonly adapter: Adapter
  readonly dataset: Dataset
}

/**
 * Trains a LoRA on the layers that the request names. Throws dataset errors, `loss-nan` (the last good checkpoint stays),
 * `resume-mismatch`, `dataset-problems`, `loss-weight-options`, `cancelled` (after writing a checkpoint), `out-of-memory`.
 */
export async function* train(
  model: Model,
  request: TrainRequest,
  { runFolder, signal, initial, afterStep }: TrainOptions,
): AsyncGenerator<TrainEvent, Trained> {
  lossWeightOf(request) // what does not fit is told before anything is prepared
  yield { type: 'prepare', stage: 'dataset', done: 0, total: 1 }
  stopWhereAsked(signal, 'Stopped before the pictures were looked at')
  const dataset = await scanDataset(request.dataset, {
    missingCaption: request.captionPolicy,
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(signal ? { signal } : {}),
  })
  if (request.badPictures === 'refuse') refuseBadPictures(dataset)
  for (const { path, record } of dataset.problems)
    yield { type: 'warning', code: record.code, message: record.message, facts: { ...record.facts, path } }
  const identity = await runIdentity(model, request, dataset, initial)
  const damaged: DamagedCheckpoint[] = []
  const resumed = await loadRun(runFolder, identity, (one) => damaged.push(one))
  for (const { name, movedTo } of damaged)
    yield {
      type: 'warning',
      code: 'checkpoint-damaged',
      message: `The checkpoint "${name}" is damaged and was put aside in "${movedTo}". Training continues from ${resumed ? `step ${resumed.step}` : 'the start'}; the result is the same.`,
      facts: { name, movedTo, step: resumed?.step ?? 0 },
    }
  const prepared = yield* prepareTraining(model, dataset, request, signal)

  yield { type: 'prepare', stage: 'graph', done: 0, total: 1 }
  stopWhereAsked(signal, 'Stopped before the network was opened')
  await model.release('unet')
  const built = loraGraph(model.checkpoint.unet, { ...request, ...Members.shapeOf(request) })
  if (built.trained.length === 0)
    throw new PigmentError('nothing-to-train', 'This model has no attention layers to adapt. Choose a Stable Diffusion model.', {})
  const total = [...model.checkpoint.unet.weights.values()].reduce((n, { shape }) => n + elementCount(shape), 0)
  await using lanes = await Lanes.open(built.graph, {
    members: request.members,
    parameters: total,
    session: model.sessionOptions,
    threads: threadsOf(model),
  })
  if (lanes.refused) {
    const message = `Members are trained one after the other, which takes longer and changes nothing else: ${lanes.refused.message}`
    yield { type: 'warning', code: lanes.refused.code, message, facts: lanes.refused.facts }
  }
  const members = new Members(built, request)
  const { placements, size } = members
  const theta = lanes.shared(resumed?.vectors.theta ?? (initial ? members.from(initial) : members.fresh()))
  const { optimizer, options } = optimizerOf(request)
  const { theta: _theta, average: savedAverage, ...savedState } = resumed?.vectors ?? {}
  const thetas = members.seeds.map((_, k) => members.part(theta, k))
  const states = optimizerStates(optimizer, thetas, resumed && savedState)
  // Averaged from the first update on, which takes the random start's place.
  const average = request.ema === undefined ? undefined : (savedAverage ?? theta.slice())
  const result = average ?? theta
  const trained = members.seeds.map((seed, k) => {
    const own = thetas[k] as Float32Array
    const batches = microBatches(model, { ...request, seed }, prepared)
    return { theta: own, state: states.of(k), parameters: views(placements, own), batches }
  })
  const rates = learningRates(placements, request)
  const count = lanes.sessions.length
  const work = lanes.sessions.map((session, lane) => {
    const gradient = lanes.shared(new Float32Array(size))
    const own = trained.filter((_, k) => k % count === lane)
    return { session, gradient, into: views(placements, gradient, 'd/'), sum: new Float32Array(size), own }
  })
  let saved = resumed?.step ?? 0
  const save = async (step: number): Promise<string> => {
    const path = await saveRun(runFolder, identity, { step, vectors: { theta, ...states.vectors, ...(average ? { average } : {}) } })
    saved = step
    return path
  }
  const kept = (): string => (saved > 0 ? `the checkpoint of step ${saved} is kept` : 'no checkpoint had been written yet')

  let step = resumed?.step ?? 0
  yield { type: 'start', step, steps: request.steps, trainable: theta.length, total, pictures: prepared.pictures.length }
  const clock = stepClock(request.steps - step)
  const began = performance.now()
  while (step < request.steps) {
    if (signal?.aborted) {
      yield { type: 'saving', step }
      await save(step)
      throw new PigmentError('cancelled', `Stopped after step ${step} of ${request.steps}. The same command continues from there.`, {
        step,
        runFolder,
      })
    }
    const lr = request.lr * learningRateFactor(request.course, step, { warmupSteps: request.warmup, totalSteps: request.steps })
    step++
    /** The members of one lane, one after the other; gives their mean losses and the norms of their gradients. */
    const advance = async ({ session, gradient, into, sum, own }: (typeof work)[number]): Promise<[loss: number, norm: number][]> => {
      const told: [number, number][] = []
      for (const one of own) {
        let loss = 0
        sum.fill(0)
        for (let micro = 0; micro < request.accumulation; micro++) {
          const outputs = await session.run({ ...one.parameters, ...one.batches((step - 1) * request.accumulation + micro) }, into)
          loss += (outputs.loss?.data[0] ?? NaN) / request.accumulation
          for (let i = 0; i < size; i++) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0) / request.accumulation
        }
        const norm = clipGlobalNorm(sum, request.maxGradNorm)
        if (!Number.isFinite(loss) || !Number.isFinite(norm))
          throw new PigmentError(
            'loss-nan',
            `Step ${step}: the loss is ${loss} and the gradient norm ${norm}. Lower the learning rate (now ${request.lr}); ${kept()}.`,
            { step, loss: String(loss), gradNorm: String(norm), runFolder, checkpoint: saved },
          )
        for (const { range, rate } of rates) await optimizer.update(one.theta, sum, one.state, options, { lr: lr * rate, step, range })
        told.push([loss, norm])
      }
      return told
    }
    const told = (await Promise.all(work.map(advance))).flat()
    const [loss, gradNorm] = [0, 1].map((k) => told.reduce((sum, pair) => sum + (pair[k] ?? NaN), 0) / told.length) as [number, number]
    if (average && request.ema !== undefined) updateEma(average, theta, emaDecay(step, { decay: request.ema }))
    if (!allFinite(theta))
      throw new PigmentError(
        'loss-nan',
        `Step ${step}: the update made the adapter infinite. Lower the learning rate (now ${request.lr}); ${kept()}.`,
        { step, loss: String(loss), gradNorm: String(gradNorm), runFolder, checkpoint: saved },
      )
    yield { type: 'step', step, steps: request.steps, loss, lr, gradNorm, ...clock(), memory: process.memoryUsage.rss() }
    if (step === request.steps || (request.checkpointEvery > 0 && step % request.checkpointEvery === 0)) {
      yield { type: 'saving', step }
      yield { type: 'checkpoint', step, path: await save(step) }
    }
    await afterStep?.(step, () => members.adapter(result))
  }
  yield { type: 'done', step, seconds: (performance.now() - began) / 1000 }
  return { adapter: members.adapter(result), dataset }
}

/** Throws `dataset-problems` for pictures that cannot be read or have no caption; folders that are passed over are no fault. */
function refuseBadPictures({ directory, problems, pictures }: Dataset): void {
  const bad = problems.filter(({ record }) => /^(picture|caption)-/.test(record.code))
  const [first] = bad
  if (!first) return
  const sentence =
    `${bad.length} of the ${bad.length + pictures.length} pictures in "${directory}" cannot be used. The first, "${first.path}": ${first.record.message} ` +
    'Mend them or take them away, or choose --bad-pictures leave-out to train on the others.'
  const facts = bad.slice(0, 20).map(({ path, record: { code, message } }) => ({ path, code, message }))
  throw new PigmentError('dataset-problems', sentence, { directory, bad: bad.length, good: pictures.length, problems: facts })
}

/** Ranges of θ with what the learning rate is multiplied by there. Reference: peft create_loraplus_optimizer, whose decay goes with the rate too. */
function learningRates(
  placements: readonly Placement[],
  { loraPlus = 1 }: TrainRequest,
): { range: [from: number, to: number]; rate: number }[] {
  const ups = inputNameB('')
  return placements.map(({ name, shape, offset }) => ({
    range: [offset, offset + elementCount(shape)],
    rate: name.startsWith(ups) ? loraPlus : 1,
  }))
}
