import { z } from 'zod'
import { captionText, type DatasetItem } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { itemOf } from '../../datasets/describe.ts'
import { hostCommand } from '../../studio/command.ts'

/** Throws `caption-conflict` (facts `theirs`, `version`) when the file is no longer what `version` says. */
export const setCaption = hostCommand({
  input: z.strictObject({
    dataset: id,
    item: id,
    caption: captionText,
    version: z.string().max(100),
    /** Goes on with the change before it: undo takes back both at once. */
    continues: z.boolean().default(false),
    /** The caption that this writer sent last and may not have heard of: a file that says it was not changed elsewhere. */
    sent: captionText.optional(),
  }),
  async run({ datasets, views }, { dataset, item, caption, version, continues, sent }): Promise<DatasetItem> {
    const set = await datasets.edit(dataset)
    await set.setCaption(item, caption, version, continues, sent)
    await datasets.update(dataset, { changedAt: Date.now() })
    return itemOf(await views.of(dataset), item)
  },
})
