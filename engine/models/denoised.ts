// The network that predicts, with its inputs: latents, timesteps and what its family's denoiser hears.
import type { Checkpoint } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import { concat } from '../graph/math.ts'
import type { Parameters } from '../nn/parameters.ts'
import { heardAs, type Heard } from './denoiser.ts'
import { familyCalled } from './family-called.ts'
import { besideChannels } from './masked-input.ts'
import { buildUNet, type BuildOptions, type UNetInputs } from './unet.ts'

/** Opens the inputs, but for what `heard` has in their place: of a network for inpainting `beside` too, the mask and the latents of the masked picture. */
export function denoiserInputs(
  graph: Graph,
  { family, unet: { config } }: Pick<Checkpoint, 'family' | 'unet'>,
  heard: Heard = {},
): UNetInputs {
  const sample = heardAs(graph, heard, 'sample', ['N', config.outChannels, 'H', 'W'])
  const more = besideChannels(config)
  return {
    sample: more === 0 ? sample : concat([sample, heardAs(graph, heard, 'beside', ['N', more, 'H', 'W'])], 1),
    timestep: heardAs(graph, heard, 'timestep', ['N']),
    ...familyCalled(family).denoiser.open(graph, config, heard),
  }
}

/** Opens the inputs and gives the prediction, (N, C, H, W). */
export function denoised(parameters: Parameters, model: Pick<Checkpoint, 'family' | 'unet'>, options?: BuildOptions): Value {
  return buildUNet(parameters, model.unet.config, denoiserInputs(parameters.graph, model), options)
}
