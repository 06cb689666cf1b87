// What a training run takes in memory at most, before it starts: from its graph, by what the runtime was seen to make of it.
import type { Value } from '../graph/graph.ts'
import { graphMemory } from '../graph/memory.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { keptWeights } from './kept-weights.ts'
import { optimizerOf } from './optimizers/optimizer.ts'
import type { TrainRequest } from '../requests/train.ts'
import { laneShape } from '../requests/members.ts'
import { elementCount } from '../tensor/tensor.ts'
import { methodGraph } from './method-graph.ts'
import type { MethodRequest, OpenMethod } from './methods/method.ts'
import { encodesAsShown } from './picture-settings.ts'
import { stepSizes } from './step-sizes.ts'
import { variedBytes } from './varied-captions.ts'

export type MemoryRequest = MethodRequest & Pick<TrainRequest, 'batch' | 'optimizer'>

export interface MemoryOptions {
  /** Side of its pictures, in pixels. */
  readonly side: number
  readonly threads: number
  /** How many there are, and how many different captions; both are kept encoded. */
  readonly pictures?: number
  readonly captions?: number
}

const MB = 2 ** 20
/** Node, the engine and the runtime's library, with what preparing pictures and captions has touched. */
const base = 200 * MB
/** A constant while the session opens: as it is read, and cast or laid out anew for its kernel; what is let go of it stays with the process. */
const ofConstants = 1.9
/** A node in the runtime's own lists, and in the graph that they were read from. */
const ofNode = 11 * 1024
/** The runtime's arena, for what lies in it: gaps between values, and the work space of kernels; it finds some more to use again than is foreseen. */
const ofValues = 1.05
/** θ, a gradient and its sum. */
const ofTrainable = 3 * 4
/** What a method keeps beside θ. */
const ofExtra = 4
/** A lane's thread: its own JavaScript. */
const ofLane = 30 * MB

/** A latent's mean and deviation, in fp32. */
const ofLatent = 2 * 4
/** What reading weights, or writing a checkpoint, piece by piece leaves to the garbage collector at most. */
const ofPieces = 60 * MB
/** A packing that needs a weight whole: as read, in fp32, transposed, its main part, the rest and their codes. */
const ofWhole = 6

/** Largest resident memory of the process, in bytes, on the CPU. `npm run bench -- memory` holds it against that of runs. */
export function trainingMemory(checkpoint: Checkpoint, request: MemoryRequest, options: MemoryOptions): number {
  const { side, threads } = options
  const { unet } = checkpoint
  const weights = [...unet.weights.values()].map(({ shape }) => elementCount(shape))
  const parameters = weights.reduce((sum, count) => sum + count, 0)
  const packing = keptWeights(request, { parameters })
  const sizes = stepSizes(checkpoint, request, side)
  const { graph, trained, opened } = methodGraph(checkpoint, request, { base: packing && { packing }, sizes })
  const { constants, held, values } = graphMemory(graph, sizes)
  const { count } = laneShape({ members: request.members, parameters, provider: 'cpu', threads })
  const packed = packing ? held + ofPieces / count : 0
  const session = constants * ofConstants + packed + graph.nodes.length * ofNode + values * ofValues
  const packingWhole = packing?.multiplies ? Math.max(...weights) * 4 * ofWhole : 0
  const running = count * session + (count > 1 ? count * ofLane : 0) + learnt(request, trained, opened)
  return Math.round(base + cached(checkpoint, request, sizes.H, options) + Math.max(running, held + packingWhole))
}

/** θ, its gradient, what optimizer and method keep. */
function learnt(request: MemoryRequest, trained: readonly Value[], opened: OpenMethod): number {
  const { optimizer, options } = optimizerOf(request)
  const shapes = trained.map(({ shape }) => shape as number[])
  const trainable = shapes.reduce((sum, shape) => sum + elementCount(shape), 0)
  const state = shapes.reduce((sum, shape) => sum + optimizer.bytes(shape, options), 0)
  const { extra: vectors = {}, frozen = [] } = opened.plan()
  const extra = Object.values(vectors).reduce((sum, length) => sum + length, 0)
  const given = frozen.reduce((sum, { shape }) => sum + elementCount(shape), 0) * 4
  const kept = Math.min(state, optimizer.most?.(options) ?? Infinity)
  // Of what a checkpoint holds, pieces: twice of θ and of the state at most.
  const pieces = Math.min(request.members * (2 * (trainable * 4 + kept) + extra * 4), ofPieces)
  return request.members * (trainable * ofTrainable + kept + extra * ofExtra + given) + pieces
}

/** Latents of pictures and states of captions. */
function cached(
  { unet, vae, textEncoders }: Checkpoint,
  request: MemoryRequest,
  cells: number,
  { pictures = 0, captions = 0 }: MemoryOptions,
): number {
  const positions = Math.max(...textEncoders.map(({ config }) => config.positions))
  const latents = pictures * (request.flip ? 2 : 1) * vae.config.latentChannels * cells ** 2 * ofLatent
  const masks = request.maskedLoss === undefined ? 0 : pictures * cells ** 2 * 4
  const states = captions * positions * unet.config.crossAttentionDim * 4
  return latents + masks + states + (encodesAsShown(request) ? variedBytes + encoders(textEncoders) : 0)
}

/** Sessions of text encoders that stay open. */
const encoders = (all: Checkpoint['textEncoders']): number =>
  all.flatMap(({ weights }) => [...weights.values()]).reduce((sum, { shape }) => sum + elementCount(shape) * 4 * ofConstants, 0)
