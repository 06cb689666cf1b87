// The layers that an adapter is trained on, as they come while their networks are built.
import type { Trainable } from '../adapters/variants/training.ts'
import type { TrainableVariant } from '../adapters/variants/variant.ts'
import type { Graph, Value } from '../graph/graph.ts'
import type { ParameterOptions } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import { nameIn, type TrainedNetwork } from './trained-networks.ts'
import { variantOf } from './variant-of-request.ts'

export interface TrainedModule {
  readonly network: TrainedNetwork
  readonly path: string
  readonly trainables: readonly Trainable[]
}

export interface AdaptedLayers {
  readonly variant: TrainableVariant
  /** What builds a network asks it for the adapter of each layer. */
  readonly parameters: (network: TrainedNetwork) => Pick<ParameterOptions, 'adapt'>
  /** The tensors of each adapted module, in the networks' order. */
  readonly trained: readonly Value[]
  readonly modules: readonly TrainedModule[]
}

/** What a method makes of an adapter while it is trained; afterwards it acts without. */
export interface Acting {
  /** Its tensors as they act, by role. */
  readonly parts?: (parts: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>
  /** Of a pair: its R channels (N, R), (N, T, R) or (N, R, H, W), before they are mixed. */
  readonly hidden?: (channels: Value) => Value
}

export type AdapterShape = Pick<TrainRequest, 'rank' | 'alpha'> & Partial<TrainRequest>

/** Layers whose paths a network's `targets` take; scaled by alpha / rank. */
export function adaptedLayers(graph: Graph, shape: AdapterShape, acting: Acting = {}): AdaptedLayers {
  const trained: Value[] = []
  const modules: TrainedModule[] = []
  const { variant, options } = variantOf(shape)
  const parameters: AdaptedLayers['parameters'] = (network) => ({
    adapt(layer, x) {
      const { path } = layer
      if (!network.targets.test(path)) return undefined
      // A 1×1 convolution may be computed as a matrix; its adapter is one of convolutions all the same.
      const weight = network.weights.get(`${path}.weight`)?.shape ?? []
      const own = variant.training.create({ component: network.component, path, weight }, options)
      const trainables = own.map((one) => ({ ...one, name: nameIn(network, one.name) }))
      const parts = trainables.map(({ role, name, shape }) => [role, graph.input(name, 'float32', shape)] as const)
      trained.push(...parts.map(([, value]) => value))
      modules.push({ network, path, trainables })
      const values = Object.fromEntries(parts)
      const { hidden } = acting
      const through = hidden ? { ...layer, mix: (channels: Value, weight: Value) => layer.mix(hidden(channels), weight) } : layer
      return variant.training.apply(x, acting.parts?.(values) ?? values, through, shape.alpha / shape.rank)
    },
  })
  return { variant, parameters, trained, modules }
}
