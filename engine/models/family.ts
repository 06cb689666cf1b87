// What a model family says about itself; one folder each under families/. Nobody else knows a family by name.
import type { SafetensorsFile } from '../files/safetensors.ts'
import type { Reason } from '../requests/reason.ts'
import type { LayerGroup } from '../requests/layer-groups.ts'
import type { ModelDefaults } from '../requests/model-defaults.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { ClipTextConfig, Family, Prediction, TimestepSpacing, UNetConfig } from '../checkpoint/config.ts'
import type { ClipFacts } from './config-from-shapes.ts'
import type { Denoiser } from './denoiser.ts'
import type { DiffusersFolder } from './diffusers-folder.ts'
import type { UNetLayout } from './keys/ldm-unet.ts'

/** "Not mine" lets the next family look. A file that is mine but broken is found out later, and that stops. */
export type Verdict = { readonly mine: true; readonly evidence: readonly Reason[] } | { readonly mine: false; readonly reason: string }

export const notMine = (reason: string): Verdict => ({ mine: false, reason })

export interface TextEncoderRules extends ClipFacts {
  /** What other programs call the layer that it is read at by itself: CLIP skip, which counts the layers of the published encoder from its end. */
  readonly clipSkip: 1 | 2
  /** Its folders in the diffusers layout; the first is also its name among the networks of an adapter. */
  readonly folder: 'text_encoder' | 'text_encoder_2'
  readonly tokenizer: 'tokenizer' | 'tokenizer_2'
  /** Prefix of its keys in a single file, and whose names stand behind it. */
  readonly prefix: string
  /** The same where sgm's code wrote the file, which counts its embedders. */
  readonly sgmPrefix?: string
  readonly names: 'hugging-face' | 'open-clip'
  /** Single files keep a last layer that nothing reads, since the penultimate output is used; one with so many layers has lost it already. */
  readonly dropsLastLayer?: { readonly alreadyCut: number }
  /** What adapter files of sd-scripts and of ComfyUI call it. */
  readonly inAdapters: { readonly kohya: string; readonly comfyui: string }
}

/** A published model of the family, as its configurations say. */
export interface Published {
  readonly unet: UNetConfig
  readonly textEncoders: readonly ClipTextConfig[]
}

/** What the file of an adapter for the family says of it, in the words of sd-scripts and of ModelSpec. */
export interface FamilyMetadata {
  readonly ss_base_model_version: string
  readonly ss_v2: boolean
  /** Without what kind of file it is. */
  readonly architecture: string
  readonly implementation: string
}

export interface ModelFamily {
  readonly name: Family
  /** For a person. */
  readonly title: string
  /** Its widths are evidence, never a requirement; its layers stand in for a base model that is not named. */
  readonly published: Published
  /** What training and drawing begin with. */
  readonly defaults: ModelDefaults

  /** `_class_name` of model_index.json. */
  readonly pipelines: readonly string[]
  readonly recogniseFile: (file: SafetensorsFile) => Verdict
  readonly recogniseFolder: (folder: DiffusersFolder) => Verdict

  readonly textEncoders: readonly TextEncoderRules[]
  /** Attention heads of a level where no config.json says. */
  readonly heads: (channels: number) => number
  readonly linearProjection: boolean
  readonly sampleSize: (prediction: Prediction) => number
  readonly scalingFactor: number
  /** Its autoencoder's numbers grow beyond what fp16 holds (65504), as diffusers' `force_upcast` says: it is computed in fp32. */
  readonly fullVae?: true
  /** What an empty prompt is: the encoded empty text, or zeros where the checkpoint does not say otherwise. */
  readonly emptyPrompt: 'text' | 'zeros'

  /** Where a single file leaves it to the sampler, undefined. */
  readonly timestepSpacing?: TimestepSpacing
  /** Whose levels of Align Your Steps fit it. */
  readonly alignedFor: 'stable-diffusion' | 'stable-diffusion-xl'
  /** Whether diffusers' pipeline takes scheduler_config.json as it stands, or overrules leftovers in it. */
  readonly schedulerAsStated: boolean
  /** Whether the weights of a single file show that it predicts v; asked last. */
  readonly showsV?: (file: SafetensorsFile) => Promise<boolean>

  readonly denoiser: Denoiser
  /** Layers that training adapts, by what requests call them: `unet.` paths. */
  readonly targets: Readonly<Record<TrainRequest['layers'], RegExp>>
  /** Its layers by what they do; `targets` are unions of them. */
  readonly groups: Readonly<Record<LayerGroup, RegExp>>
  /** The same of its text encoders: paths without their network. */
  readonly textTargets: Readonly<Record<TrainRequest['layers'], RegExp>>
  /** What sd-scripts calls a layer of the UNet, before it flattens the dots. */
  readonly kohyaUnetPath: (path: string, layout: UNetLayout) => string
  /** The block of strengths that a layer of the UNet belongs to, if to any. */
  readonly block: (path: string, layout: UNetLayout) => string | undefined
  /** Names that stand only in adapter files of this family. */
  readonly adapterSign?: RegExp
  readonly metadata: (prediction: Prediction) => FamilyMetadata
}

/** Prefixes of the networks in a single file, the same for all families. */
export const unetPrefix = 'model.diffusion_model.'
export const vaePrefix = 'first_stage_model.'

/** Whether the file has a tensor whose key starts so. */
export function hasPrefix(file: SafetensorsFile, prefix: string): boolean {
  for (const key of file.entries.keys()) if (key.startsWith(prefix)) return true
  return false
}

/** Where a text encoder stands in a single file, undefined where it does not. */
export const textPrefix = (
  file: SafetensorsFile,
  { prefix, sgmPrefix }: Pick<TextEncoderRules, 'prefix' | 'sgmPrefix'>,
): string | undefined => [prefix, sgmPrefix].find((one) => one !== undefined && hasPrefix(file, one))

/** Whether the UNet of a single file hears a second condition beside the text. */
export const hearsMore = (keys: Iterable<string>): boolean => [...keys].some((key) => key.startsWith(`${unetPrefix}label_emb.`))

/** Whether the UNet of a single file projects on tokens; undefined without attention. */
export function projectsTokens(file: SafetensorsFile): boolean | undefined {
  const rank = file.entries.get(`${unetPrefix}middle_block.1.proj_in.weight`)?.shape.length
  return rank === undefined ? undefined : rank === 2
}
