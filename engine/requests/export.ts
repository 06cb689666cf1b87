// What adapters are read from and exported in: files of other programs, as engine/adapter-formats/ knows them.
import { z } from 'zod'
import { exportFormats } from './adapter-formats.ts'

export const exportFormat = z.enum(exportFormats.map(({ name }) => name))
export type ExportFormat = z.infer<typeof exportFormat>

/** Made into a plain LoRA: to a rank, to a share of the squared norm of each layer, or to some ranks more than a layer has. */
export const asLora = z.object({
  rank: z.int().min(1).max(4096).optional(),
  energy: z.number().gt(0).max(1).optional(),
  extraRank: z.int().min(0).max(1024).optional(),
})
export type AsLora = z.infer<typeof asLora>

/** What became of an adapter that was made into a plain LoRA; errors are relative, ‖ΔW′ − ΔW‖ / ‖ΔW‖. */
export interface ExportConversion {
  readonly error: number
  /** The layers that are farthest from what they were. */
  readonly worst: readonly { readonly layer: string; readonly rank: number; readonly error: number }[]
  readonly leastRank: number
  readonly largestRank: number
  readonly leftOut: readonly { readonly layer: string; readonly reason: string }[]
}

/** Hashes by which others know a file. */
export interface FileHashes {
  readonly name: string
  /** CivitAI's of the whole file, and A1111's for checkpoints. */
  readonly autoV2: string
  /** Of the tensors alone: CivitAI's, and by `sshs_model_hash` A1111's. */
  readonly autoV3: string
  /** Whether the file's own `sshs_model_hash` is that of its tensors; undefined where it has none. */
  readonly sshsAgrees?: boolean
}

/** What a field of metadata may tell of a person. */
export const privateKinds = ['path', 'names', 'captions', 'date', 'picture', 'identity'] as const
export type PrivateKind = (typeof privateKinds)[number]

/** A field of the file's metadata, and what it may tell of a person. */
export interface ToldField {
  readonly key: string
  readonly tells?: PrivateKind
  readonly value: string
}

/** What trained adapters are written in, unless somebody asks otherwise. */
export const usualFormat: ExportFormat = exportFormats[0].name

/** Else it is one file. */
export const isFolder = (format: ExportFormat): boolean =>
  exportFormats.some(({ name, container }) => name === format && container === 'folder')

/** A folder with one file of weights in it. */
export interface AdapterFolder {
  readonly file: string
  /** Stands beside the file. */
  readonly config?: string
  /** Also one such folder for each network, called as diffusers calls it. */
  readonly networks?: true
  /** Behind the file's name, where no folder was found. */
  readonly says: string
}
