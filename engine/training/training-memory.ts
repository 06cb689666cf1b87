// What a training run takes in memory at most, before it starts: from its graph, by what the runtime was seen to make of it.
import { graphMemory } from '../graph/memory.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { baseCodec } from './base-weights.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import { laneShape, type TrainRequest } from '../requests/train.ts'
import { elementCount } from '../tensor/tensor.ts'
import { methodGraph } from './method-graph.ts'
import type { MethodRequest } from './methods/method.ts'
import { keptRows, preservationOf } from './preservations/preservation.ts'

export type MemoryRequest = MethodRequest & Pick<TrainRequest, 'batch' | 'optimizer'>

export interface MemoryOptions {
  /** Side of its pictures, in pixels. */
  readonly side: number
  readonly threads: number
}

const MB = 2 ** 20
/** Node, the engine and the runtime's library, with what preparing pictures and captions has touched. */
const base = 200 * MB
/** A constant while the session opens: as it is read, and cast or laid out anew for its kernel; what is let go of it stays with the process. */
const ofConstants = 1.9
/** A node in the runtime's own lists, and in the graph that they were read from. */
const ofNode = 10 * 1024
/** The runtime's arena, for what lies in it: gaps between values, and the work space of kernels. It keeps more of what is computed again. */
const ofValues = 1.2
const ofRecomputed = 1.5
/** θ, a gradient and its sum; copies of θ while a checkpoint is written. */
const ofTrainable = 3 * 4 + 2 * 4
/** What the optimizer keeps, and copies of that. */
const ofState = 1 + 2
/** What a method keeps beside θ, and a copy while a checkpoint is written. */
const ofExtra = 2 * 4
/** A lane's thread: its own JavaScript. */
const ofLane = 30 * MB

/** Largest resident memory of the process, in bytes, on the CPU. `npm run bench -- memory` holds it against that of runs. */
export function trainingMemory(checkpoint: Checkpoint, request: MemoryRequest, { side, threads }: MemoryOptions): number {
  const { unet, vae, textEncoders } = checkpoint
  const codec = baseCodec(request)
  const { graph, trained, opened } = methodGraph(checkpoint, request, codec && { codec })
  const cells = side / 2 ** (vae.config.blockOutChannels.length - 1)
  const tokens = Math.max(...textEncoders.map(({ config }) => config.positions))
  const { constants, values } = graphMemory(graph, { ...rowsOf(request), H: cells, W: cells, T: tokens })
  const parameters = [...unet.weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const { count } = laneShape({ members: request.members, parameters, provider: 'cpu', threads })
  const session = constants * ofConstants + graph.nodes.length * ofNode + values * (request.recompute ? ofRecomputed : ofValues)
  const { optimizer, options } = optimizerOf(request)
  const shapes = trained.map(({ shape }) => shape as number[])
  const trainable = shapes.reduce((sum, shape) => sum + elementCount(shape), 0) * request.members
  const state = shapes.reduce((sum, shape) => sum + optimizer.bytes(shape, options), 0)
  const { extra: kept = {}, frozen = [] } = opened.plan()
  const extra = Object.values(kept).reduce((sum, length) => sum + length, 0) * request.members
  const given = frozen.reduce((sum, { shape }) => sum + elementCount(shape), 0) * request.members * 4
  const held = Math.min(state, optimizer.most?.(options) ?? Infinity) * request.members
  const learning = trainable * ofTrainable + held * ofState + extra * ofExtra + given
  return Math.round(base + count * session + (count > 1 ? count * ofLane : 0) + learning)
}

/** All rows of a micro-batch, those of pictures, and those that are preserved. */
function rowsOf(request: MemoryRequest): { N: number; R: number; P: number } {
  const { predictions } = preservationOf(request)
  const [R, P] = [request.batch, predictions ? keptRows(predictions, request.batch) : 0]
  return { N: R + P, R, P }
}
