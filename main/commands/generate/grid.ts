import { z } from 'zod'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { chosenSampling } from '../../../engine/samplers/sampler-options.ts'
import { generateForm, gridAxis } from '../../api/methods/generate.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { gridCells } from '../../jobs/grid.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

export const grid = hostCommand({
  input: z.strictObject({ form: generateForm, x: gridAxis, y: gridAxis.optional() }),
  async run({ models, queue, media, library }, { form, x, y }): Promise<JobSummary> {
    const { cells } = gridCells(form, x, y, library)
    for (const { request } of cells.flat()) chosenSampling(request)
    await models.get(form.model)
    const steps = cells.flat().reduce((sum, { request }) => sum + stepsTaken(request), 0)
    const title = form.prompt.slice(0, 80) || '—'
    return describeJob(await queue.add(title, { kind: 'grid', form, x, ...(y ? { y } : {}) }, steps), queue, media)
  },
})
