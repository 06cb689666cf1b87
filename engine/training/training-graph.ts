// The graph of one training step of an adapter: frozen UNet, adapted layers, loss, and the gradient of every trained tensor.
import type { Trainable } from '../adapters/variants/training.ts'
import type { AdapterVariant } from '../adapters/variants/variant.ts'
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { mul, reduceMean, sub } from '../graph/math.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { denoised } from '../models/denoised.ts'
import { familyCalled } from '../models/family-called.ts'
import { Parameters } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import { variantOf } from './variant-of-request.ts'

export interface LoraGraph {
  readonly graph: Graph
  readonly variant: AdapterVariant
  /** The tensors of each adapted module, in the network's order. Outputs: `loss` and `d/<name>` for each. */
  readonly trained: readonly Value[]
  readonly modules: readonly TrainedModule[]
}

export interface TrainedModule {
  readonly path: string
  readonly trainables: readonly Trainable[]
}

export interface LoraGraphOptions {
  readonly variant?: TrainRequest['variant']
  readonly rank: number
  readonly alpha: number
  readonly recompute?: boolean
  readonly layers?: TrainRequest['layers']
}

/** What a training graph is made of. */
export type Denoising = Pick<Checkpoint, 'family' | 'unet'>

/** Inputs: `sample`, `target` (N, C, H, W), `timestep`, `weight` (N), `context` (N, T, D), and the family's further conditions. */
export function loraGraph(denoising: Denoising, { recompute = false, layers = 'attention', ...request }: LoraGraphOptions): LoraGraph {
  const { weights } = denoising.unet
  const adapted = familyCalled(denoising.family).targets[layers]
  const graph = new Graph('train lora')
  const trained: Value[] = []
  const modules: TrainedModule[] = []
  const { variant, options } = variantOf(request)
  const parameters = new Parameters(graph, weights, {
    adapt(layer, x) {
      const { path } = layer
      if (!adapted.test(path)) return undefined
      // A 1×1 convolution may be computed as a matrix; its adapter is one of convolutions all the same.
      const weight = weights.get(`${path}.weight`)?.shape ?? []
      const trainables = variant.training.create({ component: 'unet', path, weight }, options)
      const parts = trainables.map(({ role, name, shape }) => [role, graph.input(name, 'float32', shape)] as const)
      trained.push(...parts.map(([, value]) => value))
      modules.push({ path, trainables })
      return variant.training.apply(x, Object.fromEntries(parts), layer, request.alpha / request.rank)
    },
  })
  const loss = diffusionLoss(parameters, denoising, recompute)
  differentiate(loss, trained)
  return { graph, variant, trained, modules }
}

export interface FullGraph {
  readonly graph: Graph
  /** Trained weights by key, in the network's order. Outputs: `loss` and `d/<key>` for each. */
  readonly trained: ReadonlyMap<string, Value>
}

/** Full fine-tuning: the same step with weights of the UNet itself as inputs; those that `trainable` leaves out stay frozen. */
export function fullGraph(
  denoising: Denoising,
  { trainable = () => true, recompute = false }: { readonly trainable?: (key: string) => boolean; readonly recompute?: boolean } = {},
): FullGraph {
  const graph = new Graph('train')
  const parameters = new Parameters(graph, denoising.unet.weights, { trainable })
  const loss = diffusionLoss(parameters, denoising, recompute)
  differentiate(loss, [...parameters.trained.values()])
  return { graph, trained: parameters.trained }
}

/** Mean over samples of weight × mean squared error between the UNet's answer and `target`. */
function diffusionLoss(parameters: Parameters, denoising: Denoising, recompute: boolean): Value {
  const { graph } = parameters
  const prediction = denoised(parameters, denoising, { recompute })
  const target = graph.input('target', 'float32', ['N', denoising.unet.config.inChannels, 'H', 'W'])
  const weight = graph.input('weight', 'float32', ['N'])
  const difference = sub(prediction, target)
  const bySample = reduceMean(mul(difference, difference), [1, 2, 3], false)
  const loss = reduceMean(mul(bySample, weight), [0], false)
  graph.output('loss', loss)
  return loss
}

function differentiate(loss: Value, trained: readonly Value[]): void {
  backward(loss, trained).forEach((gradient, i) => loss.graph.output(`d/${trained[i]?.name}`, gradient))
}
