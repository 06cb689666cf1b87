// What an adapter can be exported in: files of other programs that engine/adapter-formats/ writes.
import { z } from 'zod'
import { exportFormats } from './export-formats.ts'

export const exportFormat = z.enum(exportFormats.map(({ name }) => name))
export type ExportFormat = z.infer<typeof exportFormat>

/** What trained adapters are written in, unless somebody asks otherwise. */
export const usualFormat: ExportFormat = exportFormats[0].name

/** Else it is one file. */
export const isFolder = (format: ExportFormat): boolean =>
  exportFormats.some(({ name, container }) => name === format && container === 'folder')
