// The training of an adapter, as a request asks for it: its graph, its plan, its members.
import type { Adapter } from '../adapters/adapter.ts'
import { inputNameB } from '../adapters/stack.ts'
import { PigmentError } from '../requests/error.ts'
import { laneShape, type TrainEvent, type TrainRequest } from '../requests/train.ts'
import type { Model } from '../sessions/open-model.ts'
import { elementCount } from '../tensor/tensor.ts'
import { learningRateFactor } from './courses/course.ts'
import { Lanes } from './lanes.ts'
import { Members } from './members.ts'
import { microBatches } from './micro-batches.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import type { Plan } from './plan.ts'
import type { Prepared } from './prepare-training.ts'
import { threadsOf } from './run-identity.ts'
import type { Training } from './steps.ts'
import { loraGraph } from './training-graph.ts'

/** Throws `members-rank`, `continue-mismatch`, `nothing-to-train`. */
export function adapterTraining(model: Model, request: TrainRequest, prepared: Prepared, initial?: Adapter): Training<Adapter> {
  const built = loraGraph(model.checkpoint, { ...request, ...Members.shapeOf(request) })
  if (built.trained.length === 0)
    throw new PigmentError('nothing-to-train', 'This model has no attention layers to adapt. Choose a Stable Diffusion model.', {})
  const members = new Members(built, request)
  const { optimizer, options } = optimizerOf(request)
  const { steps: totalSteps, warmup: warmupSteps } = request
  return {
    graph: built.graph,
    plan: adapterPlan(members, request, initial),
    members: members.seeds.map((seed, index) => ({ seed, index })),
    batches: ({ seed }) => microBatches(model, { ...request, seed }, prepared),
    accumulation: request.accumulation,
    optimizer: (theta, layout) => optimizer.open(theta, layout, options),
    rate: (step) => request.lr * learningRateFactor(request.course, step - 1, { warmupSteps, totalSteps }),
    maxGradNorm: request.maxGradNorm,
    ...(request.ema === undefined ? {} : { ema: request.ema }),
  }
}

function adapterPlan(members: Members, { loraPlus = 1 }: TrainRequest, initial?: Adapter): Plan<Adapter> {
  const start = initial ? members.from(initial) : members.fresh()
  const ups = inputNameB('')
  return {
    trainables: members.placements.map(({ name, shape, offset }) => ({
      name,
      shape,
      start: ({ index }) => members.part(start, index).subarray(offset, offset + elementCount(shape)),
      // Reference: peft create_loraplus_optimizer, whose decay goes with the rate too.
      rate: name.startsWith(ups) ? loraPlus : 1,
    })),
    result: (trained) => members.adapter(trained.map(({ theta }) => theta)),
  }
}

/** Weights of the network whose layers are adapted. */
export const frozenWeights = ({ checkpoint }: Model): number =>
  [...checkpoint.unet.weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)

/** Tells why members are trained one after the other, where they should not be. */
export async function* openLanes({ graph, members }: Training<unknown>, model: Model): AsyncGenerator<TrainEvent, Lanes> {
  const { sessionOptions: session } = model
  const facts = {
    members: members.length,
    parameters: frozenWeights(model),
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
