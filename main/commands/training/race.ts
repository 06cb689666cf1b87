import { PigmentError } from '../../../engine/requests/error.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { raceForm } from '../../api/methods/race.ts'
import { taking } from '../../operations/race/entrants.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'
import { placeOf, runOn } from '../../studio/run-place.ts'

/** Puts a race into the queue. Throws `race-unknown`, `dataset-empty`, `model-unknown`. */
export const race = hostCommand({
  input: raceForm.extend({ runOn }),
  async run(studio, { runOn: on, ...form }): Promise<JobSummary> {
    const { datasets, models, queue, media } = studio
    const place = placeOf(studio, on)
    const { in: racing } = taking(form.methods)
    await models.get(form.model)
    const set = await datasets.use(form.dataset)
    if (set.error) throw new PigmentError(set.error.code, set.error.message, { ...set.error.facts })
    if (set.found.size === 0)
      throw new PigmentError('dataset-empty', 'This data set holds no picture. Add some first.', { dataset: form.dataset })
    const { trigger } = datasets.entry(form.dataset)
    const whole = { ...form, ...(form.trigger === undefined && trigger ? { trigger } : {}) }
    return describeJob(await queue.add(form.name, { kind: 'race', form: whole }, form.steps * (racing.length + 1), place), queue, media)
  },
})
