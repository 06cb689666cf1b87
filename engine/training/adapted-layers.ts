// The layers that an adapter is trained on, as they come while their networks are built.
import type { Trainable } from '../adapters/variants/training.ts'
import type { TrainableVariant } from '../adapters/variants/variant.ts'
import type { Graph, Value } from '../graph/graph.ts'
import { mul } from '../graph/math.ts'
import type { ParameterOptions } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import { startName } from './adapter-feeds.ts'
import { dropoutsOf, maskShape, type Dropouts } from './dropouts.ts'
import type { LayerShape } from './layer-choice.ts'
import { pairStartOf } from './pair-start.ts'
import { nameIn, type TrainedNetwork } from './trained-networks.ts'
import { memberShape, variantOf } from './variant-of-request.ts'

export interface TrainedModule {
  readonly network: TrainedNetwork
  readonly path: string
  readonly trainables: readonly Trainable[]
  readonly shape: AdaptedShape
}

/** Of one layer, or of a member's part of it. */
export interface AdaptedShape extends LayerShape {
  /** The alpha of all members. */
  readonly whole: number
}

export interface AdaptedLayers {
  readonly variant: TrainableVariant
  /** What builds a network asks it for the adapter of each layer. */
  readonly parameters: (network: TrainedNetwork) => Pick<ParameterOptions, 'adapt'>
  /** The tensors of each adapted module, in the networks' order. */
  readonly trained: readonly Value[]
  readonly modules: readonly TrainedModule[]
  /** Whether each pair, as it began, is subtracted, held in inputs of the graph. */
  readonly taken: boolean
  /** What is left out of a step, and the inputs that tell where. */
  readonly shares: Dropouts | undefined
  readonly masks: readonly Value[]
}

/** What a method makes of an adapter while it is trained; afterwards it acts without. */
export interface Acting {
  /** Its tensors as they act, by role. */
  readonly parts?: (parts: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>
  /** Of a pair: its R channels (N, R), (N, T, R) or (N, R, H, W), before they are mixed. */
  readonly hidden?: (channels: Value) => Value
}

export type AdapterShape = Pick<TrainRequest, 'rank' | 'alpha'> & Partial<TrainRequest>

/** What a member of the run trains of a layer. */
function shapeOf({ shapeOf: told }: TrainedNetwork, path: string, weight: readonly number[], request: AdapterShape): AdaptedShape {
  const { rank, alpha } = request
  const whole = told?.(path, weight) ?? { rank, alpha, rate: 1 }
  return { ...whole, ...memberShape({ members: 1, ...request, ...whole }), whole: whole.alpha }
}

/** Layers whose paths a network's `targets` take, each as its `shapeOf` tells or else the request, shared out among members; scaled by alpha / rank. Throws `members-rank`, `members-variant`. */
export function adaptedLayers(graph: Graph, request: AdapterShape, acting: Acting = {}): AdaptedLayers {
  const trained: Value[] = []
  const modules: TrainedModule[] = []
  const { variant, options } = variantOf(request)
  const masks: Value[] = []
  const shares = dropoutsOf(options)
  const taken = pairStartOf(request).one.taken === true
  const parameters: AdaptedLayers['parameters'] = (network) => ({
    adapt(layer, x) {
      const { path } = layer
      if (!network.targets.test(path)) return undefined
      // A 1×1 convolution may be computed as a matrix; its adapter is one of convolutions all the same.
      const weight = network.weights.get(`${path}.weight`)?.shape ?? []
      const shape = shapeOf(network, path, weight, request)
      const own = variant.training.create({ component: network.component, path, weight }, { ...options, rank: shape.rank })
      const trainables = own.map((one) => ({ ...one, name: nameIn(network, one.name) }))
      const parts = trainables.map(({ role, name, shape }) => [role, graph.input(name, 'float32', shape)] as const)
      trained.push(...parts.map(([, value]) => value))
      modules.push({ network, path, trainables, shape })
      const values = Object.fromEntries(parts)
      const held = taken ? trainables.map(({ role, name, shape }) => [role, graph.input(startName(name), 'float32', shape)] as const) : []
      const drop = (dropped: Dropouts) => (inside: Value) => {
        const mask = graph.input(nameIn(network, `dropout/${path}`), 'float32', maskShape(inside, dropped))
        masks.push(mask)
        return mul(inside, mask)
      }
      const use = { held: taken ? Object.fromEntries(held) : undefined, drop: shares && drop(shares) }
      const { hidden } = acting
      const through = hidden ? { ...layer, mix: (channels: Value, weight: Value) => layer.mix(hidden(channels), weight) } : layer
      return variant.training.apply(x, acting.parts?.(values) ?? values, through, shape.alpha / shape.rank, use)
    },
  })
  return { variant, parameters, trained, modules, taken, shares, masks }
}
