import { PigmentError } from '../../../engine/requests/error.ts'
import { variantOf } from '../../../engine/training/variant-of-request.ts'
import { refuseTooMany } from '../../../engine/training/watching/split.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { trainingForm } from '../../api/methods/training.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'
import { placeOf, runOn } from '../../studio/run-place.ts'
import { trainingProblems } from '../../studio/training-problems.ts'
import type { Parts } from '../../studio/parts.ts'
import { isTraining, type TrainJob } from '../../studio/training-runs.ts'

/** Puts a run into the queue. Pausing, resuming and cancelling are those of the job. */
export const start = hostCommand({
  input: trainingForm.extend({ runOn }),
  async run(studio, { runOn: on, ...form }): Promise<JobSummary> {
    const { datasets, models, queue, media } = studio
    const place = placeOf(studio, on)
    const { trigger } = datasets.entry(form.dataset)
    await models.get(form.model)
    const further = (form.sets ?? []).flatMap(({ classPictures, folder }) => (classPictures ? [] : folder))
    for (const { folder } of form.sets ?? []) datasets.entry(folder)
    const set = await datasets.use(form.dataset)
    if (set.error) throw new PigmentError(set.error.code, set.error.message, { ...set.error.facts })
    if (set.found.size === 0)
      throw new PigmentError('dataset-empty', 'This data set holds no picture. Add some first.', { dataset: form.dataset })
    const whole = { ...form, ...(form.trigger === undefined && trigger ? { trigger } : {}) }
    const [problem] = trainingProblems(whole)
    if (problem) throw new PigmentError(problem.code, problem.message, { ...problem.facts })
    const others = await Promise.all(further.map((folder) => datasets.use(folder)))
    refuseTooMany(
      [set, ...others].reduce((sum, { found }) => sum + found.size, 0),
      form,
    )
    if (form.continueFrom !== undefined) refuseContinuation(studio, form, form.continueFrom)
    return describeJob(await queue.add(form.name, { kind: 'train', form: whole }, stepsKnown(form), place), queue, media)
  },
})

/** Those of epochs are known once the run looks at its pictures; 0: not yet. */
const stepsKnown = ({ steps, epochs, minutes }: TrainJob['work']['form']): number =>
  epochs === undefined && minutes === undefined ? steps : 0

/** What the engine would refuse when its turn comes is told now. */
function refuseContinuation({ library, queue }: Pick<Parts, 'library' | 'queue'>, form: TrainJob['work']['form'], run: string): void {
  library.ofRun(run)
  const earlier = queue.list().find((one) => one.id === run)
  if (!earlier || !isTraining(earlier)) return
  const { rank } = form
  const { rank: its, name } = earlier.work.form
  const [kind, variant] = [earlier.work.form, form].map((one) => variantOf(one).variant.title)
  if (kind !== variant)
    throw new PigmentError(
      'continue-mismatch',
      `“${name}” was trained as ${kind}, and cannot go on as ${variant}. Set the adapter type to ${kind}.`,
      { variant, expected: kind },
    )
  if (its !== rank)
    throw new PigmentError(
      'continue-mismatch',
      `“${name}” was trained with rank ${its}, and cannot go on with rank ${rank}. Set the rank to ${its}.`,
      { rank, expected: its },
    )
}
