// The graph of one training step: the network under what is trained of it, the loss, and the gradient of every trained tensor.
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { add, mul } from '../graph/math.ts'
import type { Sizes } from '../graph/size-of-dim.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { Parameters, type ParameterOptions } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { BaseWeights } from '../weights/codec.ts'
import { diffusionLoss } from './diffusion-loss.ts'
import type { Distance } from './distance.ts'
import { nameIn, trainedNetworks, type TrainedNetwork } from './trained-networks.ts'
import { baseOf } from './base-weights.ts'
import { textStates } from './text-states.ts'
import { adaptedLayers, type AdaptedLayers, type AdapterShape } from './adapted-layers.ts'

/** What a training graph is made of. */
export type Denoising = Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>

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
   * method adds; in place of `context`, those of `textStates` where a text encoder is trained. Where rows are preserved, they come first, and `target`
   * and `weight` lack them. Outputs: `loss`, `preserved` and `penalty` where there are such, `rows` (the loss of each picture) where they are asked for,
   * and `d/<name>` of their sum for each that is trained.
   */
  readonly graph: Graph
  readonly trained: readonly Value[]
}

interface TrainingGraphOptions {
  readonly name: string
  readonly networks: readonly TrainedNetwork[]
  /** That the longest caption takes of the text encoders, where one is trained; default: 1. */
  readonly chunks?: number | undefined
  readonly recompute: boolean
  /** How the frozen weights are kept; default: as the file has them. */
  readonly base?: BaseWeights | undefined
  /** The first rows are held to what the network predicts untouched, as the input `kept` (P) weighs them. */
  readonly preserved?: boolean | undefined
  readonly distance?: Distance | undefined
  /** Gradients are those of the loss times the input `loss_scale`, one number. */
  readonly scaled?: boolean | undefined
  /** Of a usual step: they decide the form of attention, and no number. */
  readonly sizes?: Sizes | undefined
  /** The loss of each picture is an output too, without its weight. */
  readonly rows?: boolean | undefined
}

export function trainingGraph<T extends Trained>(
  denoising: Denoising,
  { name, networks, chunks = 1, recompute, base, preserved: keeps, distance, scaled, sizes = {}, rows: byRow }: TrainingGraphOptions,
  open: (graph: Graph) => T,
): TrainingGraph & { readonly opened: T } {
  const graph = new Graph(name)
  graph.expected = sizes
  const opened = open(graph)
  const unet = networks.find(({ component }) => component === 'unet')
  const texts = textStates(graph, denoising, {
    networks,
    chunks,
    recompute,
    parameters: (network) => ({
      ...opened.parameters(network),
      base: base && baseOf(network, base),
      prefix: nameIn(network, ''),
    }),
  })
  const parameters = new Parameters(graph, denoising.unet.weights, { ...(unet && opened.parameters(unet)), base })
  const { loss, preserved, rows } = diffusionLoss(parameters, denoising, { recompute, preserved: keeps, distance, texts })
  const trained = [...opened.trainedOf([...texts.built, ...(unet ? [parameters] : [])]), ...texts.vectors]
  const parts = { loss, preserved, penalty: opened.penalty?.() }
  for (const [name, part] of Object.entries(parts)) if (part) graph.output(name, part)
  if (byRow) graph.output('rows', rows)
  const total = Object.values(parts)
    .filter((part) => part !== undefined)
    .reduce(add)
  const differentiated = scaled ? graph.precise(() => mul(total, graph.input('loss_scale', 'float32', []))) : total
  backward(differentiated, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
  return { graph, trained, opened }
}

export type LoraGraph = TrainingGraph & Pick<AdaptedLayers, 'variant' | 'modules'>

export interface LoraGraphOptions extends AdapterShape {
  readonly recompute?: boolean
  readonly layers?: TrainRequest['layers']
  readonly base?: BaseWeights | undefined
  readonly sizes?: Sizes | undefined
}

/** An adapter alone. */
export function loraGraph(
  denoising: Denoising,
  { recompute = false, layers = 'attention', base, sizes, ...shape }: LoraGraphOptions,
): LoraGraph {
  const networks = trainedNetworks(denoising, { layers, ...shape })
  const { opened, ...built } = trainingGraph(denoising, { name: 'train lora', networks, recompute, base, sizes }, (graph) => {
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
    { name: 'train', networks: trainedNetworks(denoising, { layers: 'all', rank: 1, alpha: 1 }), recompute },
    () => ({
      parameters: () => ({ trainable }),
      trainedOf: (built) => built.flatMap(({ trained }) => [...trained.values()]),
    }),
  )
  return { graph, trained: new Map(trained.map((value) => [value.name, value])) }
}
