// What a step is to make small: the distance of what the network predicts from its target, and, where something is preserved, from what it predicted
// before it was changed.
import type { Value } from '../graph/graph.ts'
import { concat, detach, ints, mul, reduceMean, reshapeTo, shapeOf, slice, sub } from '../graph/math.ts'
import { denoiserInputs } from '../models/denoised.ts'
import { buildUNet } from '../models/unet.ts'
import type { Parameters } from '../nn/parameters.ts'
import { noTexts, type TextStates } from './text-states.ts'
import type { Denoising } from './training-graph.ts'

export interface LossOptions {
  readonly recompute: boolean
  /** The first rows of each micro-batch are held to the base's own predictions: P of all N, the other R being pictures. */
  readonly preserved?: boolean | undefined
  /** What is heard of text encoders that learn; default: none does. */
  readonly texts?: TextStates
}

export interface DiffusionLoss {
  /** Mean over pictures of weight × mean squared error between the network's answer and `target`. */
  readonly loss: Value
  /** Mean over preserved rows of λ × mean squared error between it and the base's answer. */
  readonly preserved?: Value
}

/** Opens the inputs of the network, `target`, `weight` and, where rows are preserved, `kept` (P), the λ of each. */
export function diffusionLoss(
  parameters: Parameters,
  denoising: Denoising,
  { recompute, preserved, texts = noTexts }: LossOptions,
): DiffusionLoss {
  const { graph } = parameters
  const { config } = denoising.unet
  const known = graph.inputs.length
  const inputs = denoiserInputs(graph, denoising, texts.heard)
  const own = graph.inputs.slice(known)
  const prediction = buildUNet(parameters, config, inputs, { recompute })
  const pictures = preserved ? 'R' : 'N'
  const target = graph.input('target', 'float32', [pictures, config.inChannels, 'H', 'W'])
  const weight = graph.input('weight', 'float32', [pictures])
  if (!preserved) return { loss: weightedMean(distances(prediction, target), weight) }

  const kept = graph.input('kept', 'float32', ['P'])
  const rows = shapeOf(kept, 0, 1)
  const before = graph.scope('base', () => {
    const first = Object.fromEntries(own.map((input) => [input.name, slice(input, 0, 0, rows)]))
    return buildUNet(parameters.untouched(), config, denoiserInputs(graph, denoising, { ...first, ...texts.before(rows) }))
  })
  const all = distances(prediction, concat([detach(before), target], 0)) // (N)
  const rest = graph.op('Slice', [all, rows, ints(graph, [Number.MAX_SAFE_INTEGER]), ints(graph, [0]), ints(graph, [1])])[0] as Value
  return {
    loss: weightedMean(reshapeTo(rest, shapeOf(weight)), weight),
    preserved: weightedMean(slice(all, 0, 0, rows), kept),
  }
}

/** Mean squared distance of each row, (N). */
function distances(prediction: Value, target: Value): Value {
  const difference = sub(prediction, target)
  return reduceMean(mul(difference, difference), [1, 2, 3], false)
}

const weightedMean = (byRow: Value, weight: Value): Value => reduceMean(mul(byRow, weight), [0], false)
