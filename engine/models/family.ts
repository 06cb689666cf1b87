// What a model family must say about itself; one file each under families/.
import type { SafetensorsFile } from '../files/safetensors.ts'
import type { Reason } from '../requests/reason.ts'
import type { Family, Prediction } from '../checkpoint/config.ts'
import type { ClipFacts } from './config-from-shapes.ts'
import type { DiffusersFolder } from './diffusers-folder.ts'

/** "Not mine" lets the next family look. A file that is mine but broken is found out later, and that stops. */
export type Verdict = { readonly mine: true; readonly evidence: readonly Reason[] } | { readonly mine: false; readonly reason: string }

export const notMine = (reason: string): Verdict => ({ mine: false, reason })

export interface TextEncoderRules extends ClipFacts {
  /** Its folders in the diffusers layout. */
  readonly folder: 'text_encoder' | 'text_encoder_2'
  readonly tokenizer: 'tokenizer' | 'tokenizer_2'
  /** Prefix of its keys in a single file, and whose names stand behind it. */
  readonly prefix: string
  /** The same where sgm's code wrote the file, which counts its embedders. */
  readonly sgmPrefix?: string
  readonly names: 'hugging-face' | 'open-clip'
  /** Single files keep a last layer that nothing reads, since the penultimate output is used. */
  readonly dropsLastLayer: boolean
}

export interface FamilyRules {
  readonly family: Family
  readonly title: string
  /** Cross-attention width of the published models: supporting evidence, never a requirement. */
  readonly usualContext: number
  readonly textEncoders: readonly TextEncoderRules[]
  /** Attention heads of a level where no config.json says. */
  readonly heads: (channels: number) => number
  readonly linearProjection: boolean
  readonly sampleSize: (prediction: Prediction) => number
  readonly scalingFactor: number
  readonly recogniseFile: (file: SafetensorsFile) => Verdict
  readonly recogniseFolder: (folder: DiffusersFolder) => Verdict
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

/** Whether the UNet of a single file hears a second condition beside the text: only SDXL, its refiner and unCLIP do. */
export const hearsMore = (keys: Iterable<string>): boolean => [...keys].some((key) => key.startsWith(`${unetPrefix}label_emb.`))

/** Whether the UNet of a single file projects on tokens; undefined without attention. */
export function projectsTokens(file: SafetensorsFile): boolean | undefined {
  const rank = file.entries.get(`${unetPrefix}middle_block.1.proj_in.weight`)?.shape.length
  return rank === undefined ? undefined : rank === 2
}
