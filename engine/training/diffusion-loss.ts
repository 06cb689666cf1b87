// What a step is to make small: the distance of what the network predicts from its target, and, where something is preserved, from what it predicted
// before it was changed.
import type { Value } from '../graph/graph.ts'
import { concat, detach, ints, mul, reduceMean, reshapeTo, shapeOf, slice } from '../graph/math.ts'
import { denoiserInputs } from '../models/denoised.ts'
import { buildUNet } from '../models/unet.ts'
import type { Parameters } from '../nn/parameters.ts'
import { meanSquares, plainDistance, type Distance } from './distance.ts'
import { noTexts, type TextStates } from './text-states.ts'
import type { Denoising } from './training-graph.ts'

export interface LossOptions {
  readonly recompute: boolean
  /** The first rows of each micro-batch are held to the base's own predictions: P of all N, the other R being pictures. */
  readonly preserved?: boolean | undefined
  /** What is heard of text encoders that learn; default: none does. */
  readonly texts?: TextStates
  /** Of the pictures' answers from their targets; default: the mean of squares. */
  readonly distance?: Distance | undefined
}

export interface DiffusionLoss {
  /** Mean over pictures of weight × distance between the network's answer and `target`. */
  readonly loss: Value
  /** What it is the mean of, without the weights: (N) of all pictures. */
  readonly rows: Value
  /** Mean over preserved rows of λ × mean squared error between it and the base's answer. */
  readonly preserved?: Value
}

/** Opens the inputs of the network, `target`, `weight`, those of the distance and, where rows are preserved, `kept` (P), the λ of each. */
export function diffusionLoss(
  parameters: Parameters,
  denoising: Denoising,
  { recompute, preserved, texts = noTexts, distance = plainDistance }: LossOptions,
): DiffusionLoss {
  const { graph } = parameters
  const { config } = denoising.unet
  const known = graph.inputs.length
  const inputs = denoiserInputs(graph, denoising, texts.heard)
  const own = graph.inputs.slice(known)
  const prediction = buildUNet(parameters, config, inputs, { recompute })
  const pictures = preserved ? 'R' : 'N'
  const target = graph.input('target', 'float32', [pictures, config.outChannels, 'H', 'W'])
  const weight = graph.input('weight', 'float32', [pictures])
  if (!preserved) {
    const byPicture = distance.of(prediction, target, pictures)
    return { loss: weightedMean(byPicture, weight), rows: byPicture }
  }

  const kept = graph.input('kept', 'float32', ['P'])
  const rows = shapeOf(kept, 0, 1)
  const before = graph.scope('base', () => {
    const first = Object.fromEntries(own.map((input) => [input.name, slice(input, 0, 0, rows)]))
    return buildUNet(parameters.untouched(), config, denoiserInputs(graph, denoising, { ...first, ...texts.before(rows) }))
  })
  const ofPictures = (all: Value): Value =>
    graph.op('Slice', [all, rows, ints(graph, [Number.MAX_SAFE_INTEGER]), ints(graph, [0]), ints(graph, [1])])[0] as Value
  if (distance.plain) {
    const all = meanSquares(prediction, concat([detach(before), target], 0)) // (N)
    const byPicture = reshapeTo(ofPictures(all), shapeOf(weight))
    return { loss: weightedMean(byPicture, weight), rows: byPicture, preserved: weightedMean(slice(all, 0, 0, rows), kept) }
  }
  const answers = reshapeTo(ofPictures(prediction), shapeOf(target))
  const byPicture = distance.of(answers, target, pictures)
  return {
    loss: weightedMean(byPicture, weight),
    rows: byPicture,
    preserved: weightedMean(meanSquares(slice(prediction, 0, 0, rows), detach(before)), kept),
  }
}

const weightedMean = (byRow: Value, weight: Value): Value => reduceMean(mul(byRow, weight), [0], false)
