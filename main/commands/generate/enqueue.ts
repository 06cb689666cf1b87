import { z } from 'zod'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { checkRegions } from '../../../engine/requests/regions.ts'
import { chosenSampling } from '../../../engine/samplers/sampler-options.ts'
import { generateForm } from '../../api/methods/generate.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { seriesOf } from '../../jobs/series.ts'
import { stackOf } from '../../jobs/stack.ts'
import { promptSource } from '../../operations/drawn-form.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** `count` pictures with seeds one after another, as one job, or without end (`forever`): until it is stopped, behind whatever else is asked for. */
export const enqueue = hostCommand({
  input: z.strictObject({
    form: generateForm,
    count: z.int().min(1).max(100).default(1),
    front: z.boolean().default(false),
    forever: z.boolean().default(false),
  }),
  async run({ models, queue, media, library, places }, { form, count, front, forever }): Promise<JobSummary> {
    // What cannot be resolved is told now and not when its turn comes.
    for (const one of await seriesOf(form, count, promptSource(places.root))) stackOf(one.form, library)
    chosenSampling(form)
    checkRegions(form, form.stack)
    await models.get(form.model)
    const title = form.prompt.slice(0, 80) || '—'
    return describeJob(
      await queue.add(title, { kind: 'generate', form, count, ...(forever ? { forever } : {}) }, stepsTaken(form) * (forever ? 1 : count), {
        front,
      }),
      queue,
      media,
    )
  },
})
