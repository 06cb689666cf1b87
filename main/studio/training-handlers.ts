// The methods of training: options from the engine's schema, a forecast, and the runs.
import { availableParallelism, freemem } from 'node:os'
import { statfs } from 'node:fs/promises'
import { PigmentError } from '../../engine/requests/error.ts'
import type { RunDetails, RunSummary } from '../api/methods/training.ts'
import type { Job } from '../jobs/job.ts'
import { variantOf } from '../../engine/training/variant-of-request.ts'
import { describeJob } from './describe-job.ts'
import { forecastOf } from './forecast.ts'
import type { Handlers } from './handlers.ts'
import type { Parts } from './parts.ts'
import { trainingFields, trainingPresets } from './training-fields.ts'
import { trainingProblems } from './training-problems.ts'

type TrainJob = Job & { work: Extract<Job['work'], { kind: 'train' }> }
const isTraining = (one: Job): one is TrainJob => one.work.kind === 'train'

export function trainingHandlers(parts: Parts): Handlers<'training'> {
  const { queue, records, media, datasets, models, library, runner, tools, places } = parts

  const summary = (one: TrainJob): RunSummary => {
    const entry = datasets.list().find(({ id }) => id === one.work.form.dataset)
    const { cover } = describeJob(one, queue, media)
    return {
      id: one.id,
      name: one.work.form.name,
      state: one.state,
      dataset: one.work.form.dataset,
      datasetName: entry?.name ?? '',
      step: one.step,
      steps: one.work.form.steps,
      loss: one.loss,
      startedAt: one.startedAt ?? one.createdAt,
      seconds: one.seconds,
      ...(one.adapter ? { adapter: one.adapter } : {}),
      ...(cover ? { cover } : {}),
    }
  }

  /** What the engine would refuse when its turn comes is told now. */
  const refuseContinuation = (form: TrainJob['work']['form'], run: string): void => {
    library.ofRun(run)
    const earlier = queue.list().find(({ id }) => id === run)
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

  return {
    options: () => ({ fields: trainingFields, presets: trainingPresets }),

    async forecast(form) {
      const [set, model, disk] = await Promise.all([datasets.use(form.dataset), models.get(form.model), statfs(places.root)])
      const broken = new Map(
        Array.from(set.found.values()).flatMap((one) => {
          const problem = set.facts.of(one)?.error ?? one.captionProblem
          return problem ? [[one.id, problem] as const] : []
        }),
      )
      const { path, facts } = model
      // What cannot be made is told among the problems.
      const possible = trainingProblems(form).length === 0
      const sizes = possible ? await tools.call('adaptedSizes', { path, request: form }) : { trainable: 0, layers: 0 }
      const asked = { path, request: form, side: form.resolution ?? facts.side, threads: availableParallelism() }
      const memoryBytes = possible ? await tools.call('trainingMemory', asked) : 0
      const speeds = queue.list().filter(isTraining)
      return forecastOf({
        form,
        found: [...set.found.values()],
        broken,
        facts,
        sizes,
        memoryBytes,
        earlier: speeds,
        freeMemoryBytes: freemem(),
        freeDiskBytes: disk.bavail * disk.bsize,
      })
    },

    async start(form) {
      const { trigger } = datasets.entry(form.dataset)
      await models.get(form.model)
      const set = await datasets.use(form.dataset)
      if (set.error) throw new PigmentError(set.error.code, set.error.message, { ...set.error.facts })
      if (set.found.size === 0)
        throw new PigmentError('dataset-empty', 'This data set holds no picture. Add some first.', { dataset: form.dataset })
      const [problem] = trainingProblems(form)
      if (problem) throw new PigmentError(problem.code, problem.message, { ...problem.facts })
      if (form.continueFrom !== undefined) refuseContinuation(form, form.continueFrom)
      const whole = { ...form, ...(form.trigger === undefined && trigger ? { trigger } : {}) }
      return describeJob(await queue.add(form.name, { kind: 'train', form: whole }, form.steps), queue, media)
    },
    sampleNow: ({ job }) => runner.sampleNow(job),
    runs: () => queue.list().filter(isTraining).map(summary),

    async run({ run }): Promise<RunDetails> {
      const one = queue.get(run)
      if (!isTraining(one)) throw new PigmentError('job-unknown', 'This job is no training run.', { job: run })
      const told = await records.tell(run)
      return {
        ...summary(one),
        form: one.work.form,
        curve: told.curve,
        samples: told.samples.map(({ file, type: _type, ...sample }) => ({ ...sample, media: media.ofFile(file, sample.step) })),
        checkpoints: told.checkpoints,
        ...(one.error ? { error: one.error } : {}),
      }
    },
  }
}
