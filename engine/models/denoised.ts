// The network that predicts, with its inputs: latents, timesteps and what its family's denoiser hears.
import type { Checkpoint } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import type { Parameters } from '../nn/parameters.ts'
import { heardAs, type Heard } from './denoiser.ts'
import { familyCalled } from './family-called.ts'
import { buildUNet, type BuildOptions, type UNetInputs } from './unet.ts'

/** Opens the inputs, but for what `heard` has in their place. */
export function denoiserInputs(
  graph: Graph,
  { family, unet: { config } }: Pick<Checkpoint, 'family' | 'unet'>,
  heard: Heard = {},
): UNetInputs {
  return {
    sample: heardAs(graph, heard, 'sample', ['N', config.inChannels, 'H', 'W']),
    timestep: heardAs(graph, heard, 'timestep', ['N']),
    ...familyCalled(family).denoiser.open(graph, config, heard),
  }
}

/** Opens the inputs and gives the prediction, (N, C, H, W). */
export function denoised(parameters: Parameters, model: Pick<Checkpoint, 'family' | 'unet'>, options?: BuildOptions): Value {
  return buildUNet(parameters, model.unet.config, denoiserInputs(parameters.graph, model), options)
}
