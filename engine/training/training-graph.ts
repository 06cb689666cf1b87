// The graph of one training step: the network under what is trained of it, the loss, and the gradient of every trained tensor.
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../graph/math.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { denoised } from '../models/denoised.ts'
import { Parameters, type ParameterOptions } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { BaseWeights } from '../weights/codec.ts'
import { trainedNetworks, type TrainedNetwork } from './trained-networks.ts'
import { adaptedLayers, type AdaptedLayers, type AdapterShape } from './adapted-layers.ts'

/** What a training graph is made of. */
export type Denoising = Pick<Checkpoint, 'family' | 'unet'>

/** What is trained of networks: asked for while they are built, known afterwards. */
export interface Trained {
  /** Of one network. */
  readonly parameters: (network: TrainedNetwork) => Pick<ParameterOptions, 'adapt' | 'trainable'>
  /** In θ's order; `built`: the parameters of the networks, in their order. */
  trainedOf(built: readonly Parameters[]): readonly Value[]
  /** One number that is added to the loss. */
  penalty?(): Value
}

export interface TrainingGraph {
  /**
   * Inputs: `sample`, `target` (N, C, H, W), `timestep`, `weight` (N), `context` (N, T, D), the family's further conditions, what is trained and what a
   * method adds. Outputs: `loss`, `penalty` where there is one, and `d/<name>` of their sum for each that is trained.
   */
  readonly graph: Graph
  readonly trained: readonly Value[]
}

interface TrainingGraphOptions {
  readonly name: string
  readonly networks: readonly TrainedNetwork[]
  readonly recompute: boolean
  /** How the frozen weights are kept; default: as the file has them. */
  readonly base?: BaseWeights | undefined
}

export function trainingGraph<T extends Trained>(
  denoising: Denoising,
  { name, networks, recompute, base }: TrainingGraphOptions,
  open: (graph: Graph) => T,
): TrainingGraph & { readonly opened: T } {
  const graph = new Graph(name)
  const opened = open(graph)
  const unet = networks.find(({ component }) => component === 'unet')
  const parameters = new Parameters(graph, denoising.unet.weights, { ...(unet && opened.parameters(unet)), base })
  const loss = diffusionLoss(parameters, denoising, recompute)
  const trained = opened.trainedOf([parameters])
  const penalty = opened.penalty?.()
  if (penalty) graph.output('penalty', penalty)
  backward(penalty ? add(loss, penalty) : loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
  return { graph, trained, opened }
}

export type LoraGraph = TrainingGraph & Pick<AdaptedLayers, 'variant' | 'modules'>

export interface LoraGraphOptions extends AdapterShape {
  readonly recompute?: boolean
  readonly layers?: TrainRequest['layers']
  readonly base?: BaseWeights | undefined
}

/** An adapter alone. */
export function loraGraph(denoising: Denoising, { recompute = false, layers = 'attention', base, ...shape }: LoraGraphOptions): LoraGraph {
  const networks = trainedNetworks(denoising, { layers })
  const { opened, ...built } = trainingGraph(denoising, { name: 'train lora', networks, recompute, base }, (graph) => {
    const adapted = adaptedLayers(graph, shape)
    return { ...adapted, trainedOf: () => adapted.trained }
  })
  return { ...built, variant: opened.variant, modules: opened.modules }
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
  const { graph, trained } = trainingGraph(
    denoising,
    { name: 'train', networks: trainedNetworks(denoising, { layers: 'all' }), recompute },
    () => ({
      parameters: () => ({ trainable }),
      trainedOf: (built) => built.flatMap(({ trained }) => [...trained.values()]),
    }),
  )
  return { graph, trained: new Map(trained.map((value) => [value.name, value])) }
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
