// What the network that predicts hears beside `sample` (N, C, H, W) and `timestep` (N), which all have: the family's own conditions.
import type { ClipTextConfig, UNetConfig } from '../checkpoint/config.ts'
import type { Graph } from '../graph/graph.ts'
import type { Size } from '../images/model-range.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Conditioning } from './conditioning.ts'
import type { UNetInputs } from './unet.ts'

/** Sizes of one picture, in pixels: of what it was made from, and as it is drawn. */
export interface PictureSizes {
  readonly original: Size
  readonly drawn: Size
}

/** Of inputs, by what they are called here. */
export type InputNames = Readonly<Partial<Record<string, string>>>

/** What a family's denoiser hears beside latents and timesteps. */
export interface Denoiser {
  /** Why these networks do not go together, where they do not: the end of a sentence. */
  readonly fault?: (unet: UNetConfig, textEncoders: readonly ClipTextConfig[]) => string | undefined
  /** Opens it as inputs of a graph, called as elsewhere where `names` says so. */
  readonly open: (graph: Graph, config: UNetConfig, names?: InputNames) => Omit<UNetInputs, 'sample' | 'timestep'>
  /** Feeds for these inputs, a row each for every row of the conditioning. */
  readonly feeds: (conditioning: Conditioning, sizes: readonly PictureSizes[]) => Record<string, Tensor>
}

/** The text alone, as `context` (N, T, D). */
export const textDenoiser: Denoiser = {
  fault: ({ addedCondition }) => addedCondition && 'the UNet has an added condition beside the text, which this family knows nothing of.',
  open: (graph, { crossAttentionDim }, { context = 'context' } = {}) => ({
    context: graph.input(context, 'float32', ['N', 'T', crossAttentionDim]),
  }),
  feeds: ({ context }) => ({ context }),
}
