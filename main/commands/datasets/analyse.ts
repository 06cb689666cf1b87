import { z } from 'zod'
import type { AnalysisResult } from '../../api/methods/datasets.ts'
import { id, task } from '../../api/shapes.ts'
import { allItems } from '../../datasets/describe.ts'
import { hostCommand } from '../../studio/command.ts'

/** Looks for near-duplicates and blur; the flags of items tell the result from then on. */
export const analyse = hostCommand({
  input: z.strictObject({ dataset: id, task }),
  run: ({ tasks, datasets, views, announcer }, { dataset, task }): Promise<AnalysisResult> =>
    tasks.run(task, async ({ signal, progress }) => {
      const set = await datasets.use(dataset)
      await set.facts.look([...set.found.values()], (done, total) => progress(done, total, 'looking'), signal)
      const items = allItems(await views.of(dataset))
      const byGroup = Map.groupBy(
        items.filter(({ group }) => group !== undefined),
        ({ group }) => group,
      )
      announcer.announce('datasets', { dataset: await views.summary(dataset), items: 'all' })
      const flagged = (flag: 'blurred' | 'too-small'): string[] => items.filter(({ flags }) => flags.includes(flag)).map((one) => one.id)
      return {
        groups: Array.from(byGroup.values(), (group) => group.map((one) => one.id)),
        blurred: flagged('blurred'),
        small: flagged('too-small'),
      }
    }),
})
