// What the network that predicts hears beside `sample` (N, C, H, W) and `timestep` (N), which all have: the family's own conditions.
import type { ClipTextConfig, UNetConfig } from '../checkpoint/config.ts'
import { Value, type Graph } from '../graph/graph.ts'
import type { Shape } from '../graph/dims.ts'
import type { Size } from '../images/model-range.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Conditioning } from './conditioning.ts'
import type { UNetInputs } from './unet.ts'

/** Sizes of one picture, in pixels: of what it was made from, and as it is drawn. */
export interface PictureSizes {
  readonly original: Size
  readonly drawn: Size
}

/** By what inputs are called here: another name, or a value of the graph that takes their place. */
export type Heard = Readonly<Partial<Record<string, string | Value>>>

/** The input of this name, or what takes its place. */
export function heardAs(graph: Graph, heard: Heard, name: string, shape: Shape): Value {
  const own = heard[name] ?? name
  return own instanceof Value ? own : graph.input(own, 'float32', shape)
}

/** What a family's denoiser hears beside latents and timesteps. */
export interface Denoiser {
  /** Why these networks do not go together, where they do not: the end of a sentence. */
  readonly fault?: (unet: UNetConfig, textEncoders: readonly ClipTextConfig[]) => string | undefined
  /** Opens it as inputs of a graph, or as what `heard` has in their place. */
  readonly open: (graph: Graph, config: UNetConfig, heard?: Heard) => Omit<UNetInputs, 'sample' | 'timestep'>
  /** Feeds for those of these inputs that are not computed in the graph, a row for each of `sizes`. */
  readonly feeds: (conditioning: Partial<Conditioning>, sizes: readonly PictureSizes[]) => Record<string, Tensor>
}

/** The text alone, as `context` (N, T, D). */
export const textDenoiser: Denoiser = {
  fault: ({ addedCondition }) => addedCondition && 'the UNet has an added condition beside the text, which this family knows nothing of.',
  open: (graph, { crossAttentionDim }, heard = {}) => ({ context: heardAs(graph, heard, 'context', ['N', 'T', crossAttentionDim]) }),
  feeds: ({ context }) => ({ ...(context ? { context } : {}) }),
}
