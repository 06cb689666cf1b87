import { z } from 'zod'
import type { FilledDataset } from '../../api/methods/datasets.ts'
import { id, source, task } from '../../api/shapes.ts'
import { importPictures } from '../../datasets/import.ts'
import { announcedDataset, filledDataset, touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

export const addPictures = hostCommand({
  input: z.strictObject({ dataset: id, from: source, task }),
  run: (studio, { dataset, from, task }): Promise<FilledDataset> =>
    studio.tasks.run(task, async (running) => {
      const { datasets, drops, places } = studio
      const set = await datasets.edit(dataset)
      const brought = await drops.lend(from, (paths) => importPictures(paths, set.root, running, places.drops))
      await set.refresh()
      await touchedDataset(studio, dataset)
      return filledDataset(await announcedDataset(studio, dataset), brought)
    }),
})
