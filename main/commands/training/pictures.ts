import { basename } from 'node:path'
import { z } from 'zod'
import type { RunPicture } from '../../api/methods/training.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { trainingRun } from '../../studio/training-runs.ts'

/** Pictures by the paths that a run tells of them, in their order; one that is gone since is left out. Throws `job-unknown`. */
export const pictures = hostCommand({
  input: z.strictObject({ run: id, paths: z.array(z.string().max(2000)).max(100) }),
  async run(studio, { run, paths }): Promise<readonly RunPicture[]> {
    const { form } = trainingRun(studio, run).work
    const { datasets, media } = studio
    // Those of further sets stand under a name of their own (`engine/training/training-dataset.ts`).
    const known = new Set(datasets.list().map((one) => one.id))
    const further = (form.sets ?? []).filter(({ classPictures }) => !classPictures)
    const sets = [{ id: form.dataset, before: '' }, ...further.map(({ folder }, i) => ({ id: folder, before: i + 2 }))].flatMap(
      ({ id: set, before }) => (known.has(set) ? [{ id: set, before: before === '' ? '' : `${before} ${basename(datasets.entry(set).path)}/` }] : []), // prettier-ignore
    )
    // The longest name first: the first set's is empty.
    const found = await Promise.all(
      sets.toReversed().map(async ({ id: dataset, before }) => {
        const set = await datasets.use(dataset)
        return new Map(
          Array.from(set.found.values(), ({ path, file, stamp, caption }) => [
            `${before}${path}`,
            { path: `${before}${path}`, dataset, within: path, media: media.ofFile(file, stamp), caption },
          ]),
        )
      }),
    )
    return paths.flatMap((path) => found.flatMap((one) => one.get(path) ?? [])[0] ?? [])
  },
})
