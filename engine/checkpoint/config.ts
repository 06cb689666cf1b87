// What a checkpoint says about its networks, in diffusers' terms. Filled from tensor shapes and, where present, from config.json.
import type { Reason } from '../requests/reason.ts'
import type { DType } from '../tensor/dtype.ts'
import type { familyNames } from './family-names.ts'

/** Where a weight lies: a slice of the user's own file. `transposed` marks a 2-D weight that is stored as (in, out). */
export interface TensorSource {
  readonly file: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Absolute byte offset in the file. */
  readonly offset: number
  readonly length: number
  readonly transposed?: boolean
}

/** Weights of one network by their diffusers (UNet, VAE) or Hugging Face (CLIP) key, whatever the file calls them. */
export type WeightMap = ReadonlyMap<string, TensorSource>

export type Family = (typeof familyNames)[number]
export type Prediction = 'epsilon' | 'v_prediction'

/** UNet2DConditionModel. Arrays run over the levels from fine to coarse. */
export interface UNetConfig {
  readonly inChannels: number
  readonly outChannels: number
  readonly blockOutChannels: readonly number[]
  /** Resnets in a down block; an up block has one more. */
  readonly layersPerBlock: number
  /** Transformer depth of each down level; 0 = a block without attention. Up blocks mirror it. */
  readonly transformerLayers: readonly number[]
  readonly midTransformerLayers: number
  /** Attention heads of each level; the middle block uses the last. */
  readonly heads: readonly number[]
  readonly crossAttentionDim: number
  readonly normGroups: number
  readonly normEps: number
  /** proj_in/proj_out act on tokens (SD2, SDXL) instead of as 1×1 convolutions (SD1). */
  readonly linearProjection: boolean
  /** SDXL's `text_time` embedding: width of each sinusoid and of the whole input vector. */
  readonly addedCondition?: { readonly timeEmbedDim: number; readonly inputDim: number }
  /** Side of a usual latent, in cells. */
  readonly sampleSize: number
}

/** CLIPTextModel(WithProjection). */
export interface ClipTextConfig {
  readonly vocabSize: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly mlpWidth: number
  readonly positions: number
  readonly activation: 'quick_gelu' | 'gelu'
  readonly layerNormEps: number
  /** Output width of text_projection, if the model has one. */
  readonly projection?: number
  readonly bosId: number
  readonly eosId: number
  readonly padId: number
  /** Which hidden state conditions the UNet: counted from the end, 1 = last layer, 2 = penultimate. */
  readonly skip: number
  /** Whether the final layer norm is applied to that hidden state. */
  readonly finalNorm: boolean
}

/** AutoencoderKL. */
export interface VaeConfig {
  readonly inChannels: number
  readonly latentChannels: number
  readonly blockOutChannels: readonly number[]
  readonly layersPerBlock: number
  readonly normGroups: number
  readonly scalingFactor: number
}

/** Which timesteps a sampler visits: Lin et al. 2023, Table 2. */
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace'

/** The noise schedule that the UNet was trained with. */
export interface ScheduleConfig {
  readonly trainSteps: number
  readonly betaStart: number
  readonly betaEnd: number
  readonly betaSchedule: 'scaled_linear' | 'linear'
  readonly prediction: Prediction
  /** Undefined where the checkpoint leaves it to the sampler: each has a usual one of its own. */
  readonly timestepSpacing: TimestepSpacing | undefined
  readonly stepsOffset: number
  readonly zeroTerminalSnr: boolean
  readonly setAlphaToOne: boolean
  /** Noise levels spaced as Karras et al. 2022 do, where the checkpoint asks for it: Euler and DPM++ 2M follow, as in diffusers. */
  readonly karrasSigmas?: true
  /** Whose levels of Align Your Steps are those of the model. */
  readonly alignedFor?: 'stable-diffusion' | 'stable-diffusion-xl'
  /** Bound of the clean latent at every step, where the checkpoint asks for it; only DDIM has it. */
  readonly clipSample?: number
}

export interface Network<Config> {
  readonly config: Config
  readonly weights: WeightMap
}

/** Where a model keeps its vocabulary: two files (the merges as text or gzip), or one tokenizer.json named twice. */
export interface ClipVocabularyFiles {
  readonly vocab: string
  readonly merges: string
  /** What short prompts are filled up with, where the folder says it. */
  readonly padToken?: string
}

/** A recognised checkpoint: nothing is loaded, every weight is a slice of a file. */
export interface Checkpoint {
  readonly path: string
  readonly name: string
  readonly layout: 'diffusers' | 'single-file'
  readonly family: Family
  readonly unet: Network<UNetConfig>
  readonly textEncoders: readonly Network<ClipTextConfig>[]
  readonly vae: Network<VaeConfig>
  /** Where the VAE lies that stands in place of the checkpoint's own. */
  readonly vaePath?: string
  readonly schedule: ScheduleConfig
  /** Whether an empty negative prompt is zeros instead of the encoded empty text. */
  readonly emptyIsZero: boolean
  /** Files of the vocabulary, when the checkpoint carries its own; otherwise OpenAI's CLIP vocabulary is needed. */
  readonly tokenizer?: ClipVocabularyFiles
  /** Why this family and layout, one sentence each, for a person. */
  readonly evidence: readonly Reason[]
}
