// What a step takes of a graphics card's memory, read off its graph in the precision that it is computed in. Pictures and captions are encoded before it
// and let go of. Not measured on a card yet: what is said of arenas and libraries is from the runtime's sources and from PyTorch's figures.
import type { Checkpoint } from '../checkpoint/config.ts'
import { graphMemory } from '../graph/memory.ts'
import { inPrecision } from '../passes/half-precision.ts'
import type { ComputePrecision } from '../requests/compute-precision.ts'
import { elementCount } from '../tensor/tensor.ts'
import { basePacking } from './base-packing.ts'
import { methodGraph } from './method-graph.ts'
import { stepSizes } from './step-sizes.ts'
import type { MemoryRequest } from './training-memory.ts'

const GB = 1e9
/** A context of the driver, kernels of the runtime, cuBLAS and cuDNN with their work space. */
const ofLibraries = 0.6 * GB
/** Gaps between values in the arena, which grows by what is asked for. */
const ofValues = 1.15
/** θ, as it is fed, and its gradient. */
const ofTrainable = 2 * 4

/** In bytes. `side` of the pictures, in pixels. */
export function deviceMemory(
  checkpoint: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders' | 'vae'>,
  request: MemoryRequest,
  { side, precision }: { readonly side: number; readonly precision: ComputePrecision },
): number {
  const packing = basePacking(request)
  const sizes = stepSizes(checkpoint, request, side)
  const { graph, trained } = methodGraph(checkpoint, request, { base: packing && { packing }, sizes, scaled: precision === 'fp16' })
  const { constants, held, values } = graphMemory(inPrecision(graph, precision), sizes)
  const trainable = trained.reduce((sum, { shape }) => sum + elementCount(shape as number[]), 0)
  return Math.round(ofLibraries + constants + held + values * ofValues + request.members * trainable * ofTrainable)
}
