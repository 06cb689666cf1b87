// The network that predicts, with its inputs: latents, timesteps and what its family's denoiser hears.
import type { Checkpoint } from '../checkpoint/config.ts'
import type { Value } from '../graph/graph.ts'
import type { Parameters } from '../nn/parameters.ts'
import { familyCalled } from './family-called.ts'
import { buildUNet, type BuildOptions } from './unet.ts'

/** Opens the inputs and gives the prediction, (N, C, H, W). */
export function denoised(parameters: Parameters, { family, unet }: Pick<Checkpoint, 'family' | 'unet'>, options?: BuildOptions): Value {
  const { graph } = parameters
  const { config } = unet
  const inputs = {
    sample: graph.input('sample', 'float32', ['N', config.inChannels, 'H', 'W']),
    timestep: graph.input('timestep', 'float32', ['N']),
    ...familyCalled(family).denoiser.open(graph, config),
  }
  return buildUNet(parameters, config, inputs, options)
}
