// Training graphs of the embedded model: every weight is an input, every gradient an output.
import { backward } from '../../engine/autodiff/backward.ts'
import { Graph, type Value } from '../../engine/graph/graph.ts'
import { abs, add, exp, mul, reduceMean, sub } from '../../engine/graph/math.ts'
import { buildClipText } from '../../engine/models/clip-text.ts'
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../../engine/models/config.ts'
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

/** Pixels (N, 3, side, side), noise (N, 4, side/4, side/4) → reconstruction and KL losses. */
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
  // Colour is what a small autoencoder forgets first: the error of 4×4 means counts again.
  const halve = (x: Value) => graph.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })[0] as Value
  const coarse = halve(halve(difference))
  const colour = reduceMean(mul(coarse, coarse), everything, false)
  // KL of N(mean, variance) from N(0, 1), by cell.
  const kl = mul(reduceMean(sub(sub(add(mul(mean, mean), exp(logVariance)), 1), logVariance), everything, false), 0.5)
  const loss = add(add(add(squared, mul(absolute, 0.5)), mul(colour, 4)), mul(kl, klWeight))
  graph.output('squared', squared)
  return finish(graph, loss, [...p.trained.values()])
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
