// The graph of one LoRA training step: frozen UNet, adapted layers, loss, and the gradient of every A and B.
import { inputNameA, inputNameB } from '../adapters/stack.ts'
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { mul, reduceMean, reshape, sub } from '../graph/math.ts'
import type { Network, UNetConfig } from '../checkpoint/config.ts'
import { buildUNet } from '../models/unet.ts'
import { Parameters } from '../nn/parameters.ts'
import type { TrainRequest } from '../requests/train.ts'

const attention = String.raw`\.attn[12]\.to_(q|k|v|out\.0)$`
const transformer = String.raw`\.attentions\.\d+\.(proj_in|proj_out|.*\.ff\.net\.(0\.proj|2))$`
const convolution = String.raw`\.resnets\.\d+\.(conv1|conv2|conv_shortcut|time_emb_proj)$|samplers\.0\.conv$`

/**
 * Which modules are adapted: the attention projections, as diffusers' scripts do; all that a transformer block holds, as kohya's do; or the
 * residual blocks and samplers too, as kohya's do when given `conv_dim`. Reference: sd-scripts networks/lora.py.
 */
export const layersOf: Readonly<Record<TrainRequest['layers'], RegExp>> = {
  attention: new RegExp(attention),
  transformer: new RegExp(`${attention}|${transformer}`),
  all: new RegExp(`${attention}|${transformer}|${convolution}`),
}

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

/** Inputs: `sample`, `target` (N, C, H, W), `timestep`, `weight` (N), `context` (N, T, D), for SDXL `pooled` and `time_ids`. */
export function loraGraph(
  { config, weights }: Network<UNetConfig>,
  { rank, alpha, recompute = false, layers = 'attention' }: LoraGraphOptions,
): LoraGraph {
  const graph = new Graph('train lora')
  const trained: Value[] = []
  const paths: string[] = []
  const parameters = new Parameters(graph, weights, {
    adapt(path, [outputs = 0, inputs = 0, ...window]) {
      if (!layersOf[layers].test(path)) return undefined
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
  const loss = diffusionLoss(parameters, config, recompute)
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
  { config, weights }: Network<UNetConfig>,
  { trainable = () => true, recompute = false }: { readonly trainable?: (key: string) => boolean; readonly recompute?: boolean } = {},
): FullGraph {
  const graph = new Graph('train')
  const parameters = new Parameters(graph, weights, { trainable })
  const loss = diffusionLoss(parameters, config, recompute)
  differentiate(loss, [...parameters.trained.values()])
  return { graph, trained: parameters.trained }
}

/** Mean over samples of weight × mean squared error between the UNet's answer and `target`. */
function diffusionLoss(parameters: Parameters, config: UNetConfig, recompute: boolean): Value {
  const { graph } = parameters
  const latent = ['N', config.inChannels, 'H', 'W'] as const
  const inputs = {
    sample: graph.input('sample', 'float32', latent),
    timestep: graph.input('timestep', 'float32', ['N']),
    context: graph.input('context', 'float32', ['N', 'T', config.crossAttentionDim]),
    ...(config.addedCondition
      ? {
          pooled: graph.input('pooled', 'float32', ['N', config.addedCondition.inputDim - 6 * config.addedCondition.timeEmbedDim]),
          timeIds: graph.input('time_ids', 'float32', ['N', 6]),
        }
      : {}),
  }
  const target = graph.input('target', 'float32', latent)
  const weight = graph.input('weight', 'float32', ['N'])
  const difference = sub(buildUNet(parameters, config, inputs, { recompute }), target)
  const bySample = reduceMean(mul(difference, difference), [1, 2, 3], false)
  const loss = reduceMean(mul(bySample, weight), [0], false)
  graph.output('loss', loss)
  return loss
}

function differentiate(loss: Value, trained: readonly Value[]): void {
  backward(loss, trained).forEach((gradient, i) => loss.graph.output(`d/${trained[i]?.name}`, gradient))
}
