// The graph of one LoRA training step: frozen UNet, adapted layers, loss, and the gradient of every A and B.
import { inputNameA, inputNameB } from '../adapters/stack.ts'
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { mul, reduceMean, reshape, sub } from '../graph/math.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { denoised } from '../models/denoiser.ts'
import { familyCalled } from '../models/family-called.ts'
import { Parameters } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'

export interface LoraGraph {
  readonly graph: Graph
  /** A (R, in) and B (out, R) of each adapted module, (R, in, k, k) and (out, R, 1, 1) of a convolution, in the network's order. Outputs: `loss` and `d/<name>` for each. */
  readonly trained: readonly Value[]
  readonly paths: readonly string[]
}

export interface LoraGraphOptions {
  readonly rank: number
  readonly alpha: number
  readonly recompute?: boolean
  readonly layers?: TrainRequest['layers']
}

/** What a training graph is made of. */
export type Denoising = Pick<Checkpoint, 'family' | 'unet'>

/** Inputs: `sample`, `target` (N, C, H, W), `timestep`, `weight` (N), `context` (N, T, D), and the family's further conditions. */
export function loraGraph(denoising: Denoising, { rank, alpha, recompute = false, layers = 'attention' }: LoraGraphOptions): LoraGraph {
  const { weights } = denoising.unet
  const adapted = familyCalled(denoising.family).targets[layers]
  const graph = new Graph('train lora')
  const trained: Value[] = []
  const paths: string[] = []
  const parameters = new Parameters(graph, weights, {
    adapt(path, [outputs = 0, inputs = 0, ...window]) {
      if (!adapted.test(path)) return undefined
      // A 1×1 convolution may be computed as a matrix; its pair is one of convolutions all the same.
      const kernel = weights.get(`${path}.weight`)?.shape.slice(2) ?? []
      const a = graph.input(inputNameA(path), 'float32', [rank, inputs, ...kernel])
      const b = graph.input(inputNameB(path), 'float32', [outputs, rank, ...kernel.map(() => 1)])
      trained.push(a, b)
      paths.push(path)
      const asUsed = (value: Value, shape: readonly number[]): Value => (window.length === kernel.length ? value : reshape(value, shape))
      return graph.outsideSegments(() => ({ a: asUsed(a, [rank, inputs]), b: mul(asUsed(b, [outputs, rank]), alpha / rank) }))
    },
  })
  const loss = diffusionLoss(parameters, denoising, recompute)
  differentiate(loss, trained)
  return { graph, trained, paths }
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
