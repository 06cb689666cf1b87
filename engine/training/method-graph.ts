// Methods are looked up wherever a request is looked at; only who builds the graph of one loads the operators.
import type { Sizes } from '../graph/size-of-dim.ts'
import type { BaseWeights } from '../weights/codec.ts'
import { distanceOf } from './distance.ts'
import { methodOf, type MethodRequest, type OpenMethod } from './methods/method.ts'
import { preservationOf } from './preservations/preservation.ts'
import { trainedNetworks } from './trained-networks.ts'
import { trainingGraph, type Denoising, type TrainingGraph } from './training-graph.ts'

/** The graph of a step of the method that a request names, over the layers that it names. Throws what `methodOf` and the method throw. */
export function methodGraph(
  denoising: Denoising,
  request: MethodRequest,
  {
    base,
    chunks,
    scaled,
    sizes,
  }: { readonly base?: BaseWeights | undefined; readonly chunks?: number; readonly scaled?: boolean; readonly sizes?: Sizes } = {},
): TrainingGraph & { readonly opened: OpenMethod } {
  const { method, options } = methodOf(request)
  const networks = trainedNetworks(denoising, request)
  const preserved = preservationOf(request).predictions !== undefined
  const distance = distanceOf(request)
  const rows = request.validateEvery !== undefined || request.diagnosticsEvery !== undefined
  const built = { name: 'train lora', networks, chunks, recompute: request.recompute, base, preserved, distance, scaled, sizes, rows }
  return trainingGraph(denoising, built, (graph) => method.open({ graph, networks, request }, options))
}
