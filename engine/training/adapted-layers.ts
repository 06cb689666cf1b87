// The layers of a network that an adapter is trained on, as they come while the network is built.
import type { Trainable } from '../adapters/variants/training.ts'
import type { TrainableVariant } from '../adapters/variants/variant.ts'
import type { WeightMap } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import type { ParameterOptions } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import { variantOf } from './variant-of-request.ts'

export interface TrainedModule {
  readonly path: string
  readonly trainables: readonly Trainable[]
}

export interface AdaptedLayers {
  readonly variant: TrainableVariant
  /** What builds the network asks it for the adapter of each layer. */
  readonly parameters: Pick<ParameterOptions, 'adapt'>
  /** The tensors of each adapted module, in the network's order. */
  readonly trained: readonly Value[]
  readonly modules: readonly TrainedModule[]
}

export type AdapterShape = Pick<TrainRequest, 'rank' | 'alpha'> & Partial<TrainRequest>

/** Layers whose paths `targets` takes; scaled by alpha / rank. */
export function adaptedLayers(graph: Graph, weights: WeightMap, targets: RegExp, shape: AdapterShape): AdaptedLayers {
  const trained: Value[] = []
  const modules: TrainedModule[] = []
  const { variant, options } = variantOf(shape)
  const parameters: AdaptedLayers['parameters'] = {
    adapt(layer, x) {
      const { path } = layer
      if (!targets.test(path)) return undefined
      // A 1×1 convolution may be computed as a matrix; its adapter is one of convolutions all the same.
      const weight = weights.get(`${path}.weight`)?.shape ?? []
      const trainables = variant.training.create({ component: 'unet', path, weight }, options)
      const parts = trainables.map(({ role, name, shape }) => [role, graph.input(name, 'float32', shape)] as const)
      trained.push(...parts.map(([, value]) => value))
      modules.push({ path, trainables })
      return variant.training.apply(x, Object.fromEntries(parts), layer, shape.alpha / shape.rank)
    },
  }
  return { variant, parameters, trained, modules }
}
