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
