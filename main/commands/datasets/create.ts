import { rm } from 'node:fs/promises'
import { z } from 'zod'
import type { DatasetSummary, FilledDataset } from '../../api/methods/datasets.ts'
import { source, task } from '../../api/shapes.ts'
import { importPictures } from '../../datasets/import.ts'
import { announcedDataset, filledDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

/** `copy` brings the pictures into a folder of Pigment's; `reference` works in the person's own. A zip or a drop is always copied. */
export const create = hostCommand({
  input: z.strictObject({
    name: z.string().min(1).max(120),
    from: source.optional(),
    mode: z.enum(['copy', 'reference']).default('copy'),
    task,
  }),
  run: (studio, { name, from, mode, task }): Promise<DatasetSummary | FilledDataset> =>
    studio.tasks.run(task, async (running) => {
      const { datasets, drops, places } = studio
      if (from && 'path' in from && mode === 'reference') return announcedDataset(studio, (await datasets.add(name, from.path, false)).id)
      const folder = await datasets.newFolder(name)
      try {
        const brought = from && (await drops.lend(from, (paths) => importPictures(paths, folder, running, places.drops)))
        const made = await announcedDataset(studio, (await datasets.add(name, folder, true)).id)
        return brought ? filledDataset(made, brought) : made
      } catch (error) {
        await rm(folder, { recursive: true, force: true })
        throw error
      }
    }),
})
