import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { trainRequest } from '../../../engine/requests/train.ts'
import type { Preparing } from '../../api/methods/jobs.ts'
import { trainingForm } from '../../api/methods/training.ts'
import { safeName } from '../../stores/safe-name.ts'
import { defaultsOfModel, embeddedId } from '../../stores/models.ts'
import { downLadder } from '../../operations/memory-ladder.ts'
import type { EngineOperations } from '../../operations/engine/index.ts'
import type { OperationOutput } from '../../processes/operation.ts'
import type { RunningCall } from '../../processes/worker-process.ts'
import { jobKind } from '../job-kind.ts'
import type { JobRun } from '../job-run.ts'
import { onLadder } from '../on-ladder.ts'
import { openedBy } from '../opened-model.ts'
import { orStopped } from '../or-stopped.ts'
import { StandingRun } from '../standing-run.ts'

type Form = z.output<typeof trainingForm>

type TrainDone = OperationOutput<EngineOperations['train']>

const longestSaving = 10 * 60_000

/** A training run, whose adapter goes into the library. */
export const train = jobKind({
  work: z.object({ kind: z.literal('train'), form: trainingForm }),
  opens: ({ form }) => openedBy({ ...form, trainedAt: form.clipSkip }),
  oneCall: true,

  async run({ form }, run) {
    const { job, update, library, records, media, announcer } = run
    const task = await taskOf(form, run)
    let cover: string | undefined
    const began = Date.now()
    const before = job.seconds
    const standing = new StandingRun(run, {
      call: () => call,
      offer: () => run.paused.see({ ...job, state: 'paused', work: { kind: 'train', form } }),
    })
    const seconds = (): number => before + (Date.now() - began) / 1000 - standing.seconds
    const prepare = seldom(({ stage, done, total }: Preparing) => update({ preparing: { stage, done, total } }))
    let call: RunningCall<TrainDone> | undefined
    const start = (): RunningCall<TrainDone> =>
      run.start('train', task, (event) => {
        // The state of a large adapter takes a slow disk a while.
        if (event.type === 'saving') return call?.grant(longestSaving)
        if (event.type === 'start' || event.type === 'paused' || event.type === 'resumed') standing.hear(event)
        if (event.type === 'sampled') {
          const { type: _type, out: file, ...sample } = event
          cover = file
          const index = records.add(job.id, { type: 'kept-sample', ...sample, file })
          announcer.announce('job', {
            id: job.id,
            index,
            event: { type: 'sample', sample: { ...sample, media: media.ofFile(file, began) } },
          })
          return update({ cover: file })
        }
        if (event.type === 'forgetting') {
          const { type, out: file, ...point } = event
          const index = records.add(job.id, { type: 'kept-forgetting', ...point, file })
          const told = { ...point, media: media.ofFile(file, point.step) }
          return announcer.announce('job', { id: job.id, index, event: { type, point: told } })
        }
        if (event.type === 'kept') {
          const index = records.add(job.id, { type: 'kept-adapter', step: event.step, file: event.out })
          return announcer.announce('job', { id: job.id, index, event: { type: 'kept-step', step: event.step } })
        }
        run.tell(event)
        if (event.type === 'step')
          update({ step: event.step, steps: event.steps, loss: event.loss, eta: event.eta, preparing: null, seconds: seconds() })
        else if (event.type === 'prepare') prepare(event)
        // The network is open; the first step is made.
        else if (event.type === 'start') update({ preparing: null, ...(event.steps > 0 ? { steps: event.steps } : {}) })
      })
    const done = await standing.orAgain(() => downLadder(() => (call = start()).done, onLadder(run)))
    const trigger = form.trigger?.trim()
    const picture = cover ?? job.cover
    const card = await library.import(done.out, 'trained', {
      run: job.id,
      title: job.title,
      ...(trigger ? { triggers: [trigger] } : {}),
      ...(picture ? { cover: picture } : {}),
    })
    announcer.announce('library', { adapter: card })
    return { step: done.steps, loss: done.loss, adapter: card.id, seconds: seconds() }
  },
})

/** Names become files, and what is not said of samples what the model begins with. */
async function taskOf({ dataset, sets, model, vae, name, samples, continueFrom, ...rest }: Form, run: JobRun) {
  const { datasets, models, library, folder, signal } = run
  await mkdir(folder, { recursive: true })
  const base = await orStopped(models.get(model), signal)
  const usual = defaultsOfModel(base).guidance
  const every = [samples.every, rest.validateEvery ?? 0].filter((one) => one > 0)
  const { forgetting = model === undefined || model === embeddedId, ...drawn } = samples
  return {
    ...trainRequest.parse({
      ...rest,
      title: rest.title ?? name,
      dataset: datasets.entry(dataset).path,
      sets: sets?.map((set) => ({ ...set, folder: datasets.entry(set.folder).path })),
    }),
    model: base.path,
    vae,
    out: join(folder, `${safeName(name)}.safetensors`),
    precision: 'fp32' as const,
    samples: {
      ...drawn,
      folder: join(folder, 'samples'),
      baseCfg: samples.cfg ?? usual.alone.cfg,
      cfg: samples.cfg ?? usual.stacked.cfg,
      adapterGuidance: samples.adapterGuidance ?? usual.stacked.adapterGuidance,
      guidanceStop: samples.guidanceStop ?? usual.stacked.guidanceStop,
    },
    ...(forgetting ? { forgetting: samples.every } : {}),
    ...(every.length === 0 ? {} : { keeping: { every, folder: join(folder, 'checkpoints') } }),
    ...(continueFrom ? { continue: library.path(library.ofRun(continueFrom).id) } : {}),
    ...(await orStopped(run.machinery(), signal)),
  }
}

/** Passes on the first of each stage, and of those that follow one now and then: every one of them would be told to every window. */
function seldom(tell: (now: Preparing) => void): (now: Preparing) => void {
  let [stage, at] = ['', 0]
  return (now) => {
    if (now.stage === stage && Date.now() - at < 200) return
    ;[stage, at] = [now.stage, Date.now()]
    tell(now)
  }
}
