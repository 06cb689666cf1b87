// The training of an adapter, as a request asks for it: its graph, its plan, its members.
import type { Adapter } from '../adapters/adapter.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import { laneShape } from '../requests/members.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import type { BaseWeights } from '../weights/codec.ts'
import type { Model } from '../sessions/open-model.ts'
import { elementCount } from '../tensor/tensor.ts'
import { courseOf } from './courses/course.ts'
import { frozenBase } from './base-weights.ts'
import { Lanes } from './lanes.ts'
import { methodGraph } from './method-graph.ts'
import { microBatches } from './micro-batches.ts'
import { openOptimizer, optimizerOf } from './optimizers/optimizer.ts'
import type { Prepared } from './prepare-training.ts'
import { threadsOf } from './run-identity.ts'
import { stepSizes } from './step-sizes.ts'
import type { Training } from './steps.ts'
import { withTriggerVectors } from './trigger-plan.ts'

/** What a training begins from. */
interface AdapterStart {
  /** The frozen weights, where they are not as their file has them. */
  readonly base?: BaseWeights | undefined
  readonly initial?: Adapter | undefined
}

/** Throws `members-rank`, `members-variant`, `continue-mismatch`, `nothing-to-train`, what `optimizerOf` throws. */
export function adapterTraining(
  model: Model,
  request: TrainRequest,
  prepared: Prepared,
  { base, initial }: AdapterStart,
): Training<Adapter> {
  const { precision, provider = 'cpu' } = model.sessionOptions
  // bf16 has the range of fp32.
  const scaled = precision === 'fp16'
  const loops = ['cpu', 'cuda'].includes(provider) // others would fetch all that a loop reads, round by round
  const sizes = loops ? stepSizes(model.checkpoint, request, request.resolution ?? model.defaultSide) : {}
  const { graph, trained, opened } = methodGraph(model.checkpoint, request, { base, chunks: prepared.chunks, scaled, sizes })
  if (trained.length === 0)
    throw new PigmentError(
      'nothing-to-train',
      'None of the chosen layers is trained: this model has none of them, or the rank of their blocks is 0. Choose other layers or ranks, or a Stable Diffusion model.',
      {},
    )
  const optimizer = optimizerOf(request)
  const course = courseOf(request)
  return {
    graph,
    plan: withTriggerVectors(opened.plan(initial), model, request, initial),
    members: Array.from({ length: request.members }, (_, index) => ({ seed: request.seed + index, index })),
    batches: ({ seed }) => microBatches(model, { ...request, seed }, prepared),
    accumulation: request.accumulation,
    optimizer: (theta, layout, folder) => openOptimizer(optimizer, theta, layout, folder),
    rate: (step) => request.lr * course.factor(step - 1),
    maxGradNorm: request.maxGradNorm,
    scaled,
    ...(request.ema === undefined ? {} : { ema: request.ema }),
  }
}

/** Weights of the networks that a step computes. */
export const frozenWeights = ({ checkpoint }: Pick<Model, 'checkpoint'>, request: TrainRequest): number =>
  [...frozenBase(checkpoint, request).values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)

/** Tells why members are trained one after the other, where they should not be. */
export async function* openLanes(
  { graph, members }: Training<unknown>,
  model: Model,
  request: TrainRequest,
): AsyncGenerator<TrainEvent, Lanes> {
  const { sessionOptions: session } = model
  const facts = {
    members: members.length,
    parameters: frozenWeights(model, request),
    provider: session.provider ?? 'cpu',
    threads: threadsOf(model),
  }
  const lanes = await Lanes.open(graph, { ...laneShape(facts), session })
  if (lanes.refused) {
    const message = `Members are trained one after the other, which takes longer and changes nothing else: ${lanes.refused.message}`
    yield { type: 'warning', code: lanes.refused.code, message, facts: lanes.refused.facts }
  }
  return lanes
}
