import { z } from 'zod'
import { isFolder } from '../../../engine/requests/export.ts'
import { type Exported, exportFields } from '../../api/methods/library.ts'
import { path } from '../../api/shapes.ts'
import { safeName } from '../../stores/safe-name.ts'
import { coverOf, exportFolder, freeOut } from '../../studio/adapter-exports.ts'
import { hostCommand } from '../../studio/command.ts'

/** Gigabytes go to a slow disk and are read back. */
const longExport = { patience: 30 * 60_000 }

/** Into `folder`, or without it into the export folder of the settings. Never over an existing file. */
export const exportAdapter = hostCommand({
  input: z.strictObject({ ...exportFields, folder: path.optional(), fileName: z.string().min(1).max(200).optional() }),
  async run(studio, { adapter, to, precision, folder, fileName, cover, ...said }): Promise<Exported> {
    const { library, tools, media } = studio
    const file = library.path(adapter)
    const into = folder ?? exportFolder(studio)
    const name = safeName(fileName ?? library.nameOf(adapter)).replace(/\.safetensors$/i, '')
    const out = await freeOut(into, name, isFolder(to) ? '' : '.safetensors')
    const made = await tools.call(
      'exportAdapter',
      { file, to, out, ...said, ...coverOf(studio, adapter, cover), ...(precision ? { precision } : {}) },
      longExport,
    )
    const names = made.files.map((at) => media.ofFile(at, Date.now(), 'file'))
    return { files: made.files, bytes: made.sizeBytes, media: names, readBack: made.readBack }
  },
})
