import { z } from 'zod'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { checkRegions } from '../../../engine/requests/regions.ts'
import { chosenSampling } from '../../../engine/samplers/sampler-options.ts'
import { generateForm, gridAxis } from '../../api/methods/generate.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { gridCells, gridWorld } from '../../jobs/grid.ts'
import { promptSource } from '../../operations/drawn-form.ts'
import { readAxis, settledAxis, usualCells } from '../../operations/grid-plan.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** As data, or written: `Steps=1-10(+2)`. */
const axis = z.union([gridAxis, z.string().min(1).max(20_000)])

/** A picture for every cell, and a sheet of them. */
export const grid = hostCommand({
  input: z.strictObject({
    form: generateForm,
    x: axis,
    y: axis.optional(),
    z: axis.optional(),
    /** As many cells as are meant, where they are more than usual. */
    cells: z.int().min(1).max(10_000).default(usualCells),
  }),
  async run({ models, queue, media, library, places }, { form, cells: most, ...given }): Promise<JobSummary> {
    const world = gridWorld(library, await models.list())
    const read = (one: z.output<typeof axis>) => (typeof one === 'string' ? readAxis(one, form, world) : settledAxis(one))
    const axes = { x: read(given.x), ...(given.y ? { y: read(given.y) } : {}), ...(given.z ? { z: read(given.z) } : {}) }
    const { cells } = await gridCells(form, axes, { library, world, source: promptSource(places.root) }, most)
    for (const { task } of cells) {
      chosenSampling(task.request)
      checkRegions(task.request, task.loras)
    }
    for (const model of new Set(cells.map((cell) => cell.form.model))) await models.get(model)
    const steps = cells.reduce((sum, { task }) => sum + stepsTaken(task.request), 0)
    const title = form.prompt.slice(0, 80) || '—'
    return describeJob(await queue.add(title, { kind: 'grid', form, ...axes, cells: cells.length }, steps), queue, media)
  },
})
