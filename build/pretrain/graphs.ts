// Training graphs of the embedded model: every weight is an input, every gradient an output.
import { backward } from '../../engine/autodiff/backward.ts'
import { Graph, type Value } from '../../engine/graph/graph.ts'
import { abs, add, conv, exp, log, matMul, mul, reduceMean, sub } from '../../engine/graph/math.ts'
import { buildClipText } from '../../engine/models/clip-text.ts'
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../../engine/checkpoint/config.ts'
import { clipModules } from '../../engine/models/keys/clip-modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { buildUNet } from '../../engine/models/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '../../engine/models/vae.ts'
import { shapesOnly } from '../../engine/models/initialize.ts'
import { Parameters } from '../../engine/nn/parameters.ts'

export interface TrainingGraph {
  readonly graph: Graph
  /** Trained inputs in θ's order. Outputs: `loss` and `d/<name>` for each. */
  readonly trained: readonly Value[]
}

const all = () => true

/** Rows: lightness, orange against blue, magenta against green; each of unit length, times the root of how much it counts. */
const colourAxes = [
  [1, 1, 1].map((x) => x * Math.sqrt(4 / 3)),
  [1, 0, -1].map((x) => x * Math.sqrt(12 / 2)),
  [1, -2, 1].map((x) => x * Math.sqrt(40 / 6)),
]

/** Pixels (N, 3, side, side), noise (N, latent channels, side/f, side/f) → reconstruction and KL losses. */
export function vaeTraining(config: VaeConfig, side: number, klWeight: number): TrainingGraph {
  const graph = new Graph('train vae')
  const p = new Parameters(graph, shapesOnly(vaeModules(config)), { trainable: all })
  const cells = side / 2 ** (config.blockOutChannels.length - 1)
  const pixels = graph.input('pixels', 'float32', ['N', config.inChannels, side, side])
  const noise = graph.input('noise', 'float32', ['N', config.latentChannels, cells, cells])
  const { mean, logVariance } = buildVaeEncoder(p, config, pixels)
  const latent = add(mean, mul(exp(mul(logVariance, 0.5)), noise))
  const difference = sub(buildVaeDecoder(p, config, latent), pixels)
  const everything = [0, 1, 2, 3]
  const squared = reduceMean(mul(difference, difference), everything, false)
  const absolute = reduceMean(abs(difference), everything, false)
  // Colour is what a small autoencoder forgets first, green against magenta before all: the error of 4×4 means counts again, by colour axis.
  const halve = (x: Value) => graph.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })[0] as Value
  const axes = graph.constant('float32', [3, 3, 1, 1], Float32Array.from(colourAxes.flat()))
  const coarse = conv(halve(halve(difference)), axes, undefined)
  const colour = reduceMean(mul(coarse, coarse), everything, false)
  // KL of N(mean, variance) from N(0, 1), by cell.
  const kl = mul(reduceMean(sub(sub(add(mul(mean, mean), exp(logVariance)), 1), logVariance), everything, false), 0.5)
  const loss = add(add(add(squared, mul(absolute, 0.5)), colour), mul(kl, klWeight))
  graph.output('squared', squared)
  return finish(graph, loss, [...p.trained.values()])
}

/** Whether a key of the autoencoder belongs to its second half. */
export const isDecoder = (key: string): boolean => /^(decoder|post_quant_conv)\b/.test(key)

/**
 * Pixels (N, 3, side, side) → mean over pictures of the logarithm of their squared error, for the decoder alone: what PSNR measures.
 * The encoder's weights are inputs too, fed and not trained, so that the latents which a UNet knows stay as they are.
 */
export function decoderTraining(config: VaeConfig, side: number): TrainingGraph {
  const graph = new Graph('train decoder')
  const p = new Parameters(graph, shapesOnly(vaeModules(config)), { trainable: all })
  const pixels = graph.input('pixels', 'float32', ['N', config.inChannels, side, side])
  const difference = sub(buildVaeDecoder(p, config, buildVaeEncoder(p, config, pixels).mean), pixels)
  const squared = reduceMean(mul(difference, difference), [1, 2, 3], false)
  // The small number keeps pictures that are nearly perfect from outweighing the others.
  const loss = reduceMean(log(add(squared, 1e-3)), [0], false)
  return finish(
    graph,
    loss,
    [...p.trained].flatMap(([key, value]) => (isDecoder(key) ? [value] : [])),
  )
}

/**
 * Latents (N, latent channels, side/f, side/f), the caller's noise in them, and pixels → mean over pictures of the logarithms of squared and of absolute
 * error, and of the absolute error of neighbours' differences, for the decoder alone: the first for PSNR, the others for flat areas and edges.
 */
export function finishTraining(config: VaeConfig, side: number): TrainingGraph {
  const graph = new Graph('finish decoder')
  const p = new Parameters(graph, shapesOnly(vaeModules(config)), { trainable: isDecoder })
  const cells = side / 2 ** (config.blockOutChannels.length - 1)
  const latents = graph.input('latents', 'float32', ['N', config.latentChannels, cells, cells])
  const pixels = graph.input('pixels', 'float32', ['N', config.inChannels, side, side])
  const difference = sub(buildVaeDecoder(p, config, latents), pixels)
  const squared = reduceMean(mul(difference, difference), [1, 2, 3], false)
  const absolute = reduceMean(abs(difference), [1, 2, 3], false)
  const uneven = reduceMean(abs(conv(difference, graph.constant('float32', [6, 3, 2, 2], neighbours), undefined)), [1, 2, 3], false)
  graph.output('squared', reduceMean(squared, [0], false))
  graph.output('uneven', reduceMean(uneven, [0], false))
  const loss = add(add(log(add(squared, 1e-3)), log(add(absolute, 1e-2))), log(add(uneven, 1e-2)))
  return finish(graph, reduceMean(loss, [0], false), [...p.trained.values()])
}

/** Kernels (6, 3, 2, 2): each colour's difference from the pixel to the right, then from the one below. */
const neighbours = Float32Array.from(
  [1, 2].flatMap((other) =>
    [0, 1, 2].flatMap((c) =>
      [0, 1, 2].flatMap((from) => [0, 1, 2, 3].map((at) => (from !== c ? 0 : at === 0 ? -1 : at === other ? 1 : 0))),
    ),
  ),
)

/** Side of the small pictures that the text stage foretells. */
export const thumbnailSide = 16

/** Ids and thumbnails (N, 768) → squared error of the picture that the mean of the text's states foretells. */
export function textTraining(text: ClipTextConfig): TrainingGraph {
  const graph = new Graph('train text')
  const p = new Parameters(graph, shapesOnly(clipModules(text)), { trainable: all, prefix: 'text_encoder/' })
  const pictures = thumbnailSide ** 2 * 3
  const ids = graph.input('ids', 'int64', ['N', text.positions])
  const target = graph.input('target', 'float32', ['N', pictures])
  const w = graph.input('head.weight', 'float32', [text.width, pictures])
  const b = graph.input('head.bias', 'float32', [pictures])
  const foretold = add(matMul(reduceMean(buildClipText(p, text, ids).context, [1], false), w), b)
  const difference = sub(foretold, target)
  return finish(graph, reduceMean(mul(difference, difference), [0, 1], false), [...p.trained.values(), w, b])
}

/** Noisy latents, timesteps, ids, targets and per-sample weights → weighted squared error of UNet and text encoder together. */
export function diffusionTraining(unet: UNetConfig, text: ClipTextConfig): TrainingGraph {
  const graph = new Graph('train diffusion')
  const pu = new Parameters(graph, shapesOnly(unetModules(unet)), { trainable: all, prefix: 'unet/' })
  const pt = new Parameters(graph, shapesOnly(clipModules(text)), { trainable: all, prefix: 'text_encoder/' })
  const cells = unet.sampleSize
  const latent = ['N', unet.inChannels, cells, cells] as const
  const sample = graph.input('sample', 'float32', latent)
  const target = graph.input('target', 'float32', latent)
  const timestep = graph.input('timestep', 'float32', ['N'])
  const weight = graph.input('weight', 'float32', ['N'])
  const ids = graph.input('ids', 'int64', ['N', text.positions])
  const { context } = buildClipText(pt, text, ids)
  const difference = sub(buildUNet(pu, unet, { sample, timestep, context }), target)
  const bySample = reduceMean(mul(difference, difference), [1, 2, 3], false)
  return finish(graph, reduceMean(mul(bySample, weight), [0], false), [...pu.trained.values(), ...pt.trained.values()])
}

function finish(graph: Graph, loss: Value, trained: Value[]): TrainingGraph {
  graph.output('loss', loss)
  backward(loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
  return { graph, trained }
}
