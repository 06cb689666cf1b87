import { z } from 'zod'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { chosenSampling } from '../../../engine/samplers/sampler-options.ts'
import { generateForm } from '../../api/methods/generate.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { mergeChoice, mergeSeeds } from '../../api/methods/merging.ts'
import { mergeCells } from '../../jobs/merge-cells.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** Pictures of a merge before it is saved, as a job: each adapter alone, all as a stack, and the result, for each seed. */
export const pictures = hostCommand({
  input: z.strictObject({ merge: mergeChoice, form: generateForm, seeds: mergeSeeds }),
  async run({ models, queue, media, library }, { merge, form, seeds }): Promise<JobSummary> {
    const { cells } = mergeCells({ form, merge, seeds }, library, '')
    for (const { request } of cells.flat()) chosenSampling(request)
    await models.get(form.model)
    const steps = cells.flat().reduce((sum, { request }) => sum + stepsTaken(request), 0)
    const title = merge.sources.map(({ adapter }) => library.titleOf(adapter)).join(' + ')
    return describeJob(await queue.add(title.slice(0, 80), { kind: 'merge', form, merge, seeds }, steps), queue, media)
  },
})
