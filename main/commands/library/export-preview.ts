import { z } from 'zod'
import { exportFields, type ExportPreview } from '../../api/methods/library.ts'
import { coverOf, exportFolder } from '../../studio/adapter-exports.ts'
import { hostCommand } from '../../studio/command.ts'

export const exportPreview = hostCommand({
  input: z.strictObject(exportFields),
  async run(studio, { adapter, cover, ...rest }): Promise<ExportPreview> {
    const { tools, library } = studio
    const told = await tools.call('previewExport', { file: library.path(adapter), ...rest, ...coverOf(studio, adapter, cover) })
    return { ...told, folder: exportFolder(studio) }
  },
})
