import { z } from 'zod'
import { cropBox, type DatasetItem } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { itemOf } from '../../datasets/describe.ts'
import { touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

/** Writes a part of a picture in its place, in pixels of the upright picture; `undo` brings the whole back. */
export const crop = hostCommand({
  input: z.strictObject({ dataset: id, item: id, box: cropBox }),
  async run(studio, { dataset, item, box }): Promise<DatasetItem> {
    const { datasets, views, tools } = studio
    const set = await datasets.edit(dataset)
    const found = set.item(item)
    const known = set.facts.looked(found)
    await set.replacePicture(item, found.path, (path) => tools.call('crop', { path, box }))
    // Where it was known to be sharp and like no other, or not, that is found again for what is left of it.
    if (known) await set.facts.look([set.item(item)], () => undefined, new AbortController().signal)
    await touchedDataset(studio, dataset)
    return itemOf(await views.of(dataset), item)
  },
})
