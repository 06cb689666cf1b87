// Training runs of the fake studio: one that runs, one that is done, with curves that look like curves.
import { because } from '../../../engine/requests/reason.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { Forecast, RunCurve, RunDetails, RunSample, RunSummary } from '../../../main/api/methods/training.ts'
import { fakeDiagnosis, fakeRunPictures } from './diagnosis.ts'
import { fakeCard } from './adapter-cards.ts'
import type { OwnPreset } from '../../../main/api/methods/training-presets.ts'
import type { Handlers } from './handlers.ts'
import { fakeEntrants, fakeRace, fakeRaceJob } from './race.ts'
import { setFields, trainingFields, trainingPresets } from '../../../main/studio/training-fields.ts'
import { fakeJobs } from './jobs.ts'
import { mediaOf } from './pictures.ts'

/** Repeatable noise in 0 … 1. */
const noise = (n: number): number => {
  const x = Math.sin(n * 127.1 + 311.7) * 43758.5453
  return x - Math.floor(x)
}

export function curve(steps: number, total: number): RunCurve {
  const step = Array.from({ length: steps }, (_, n) => n + 1)
  return {
    step,
    loss: step.map((n) => 0.09 + 0.16 * Math.exp(-n / 160) + 0.09 * (noise(n) - 0.5) * (0.5 + noise(n * 3))),
    lr: step.map((n) => 1e-3 * Math.min(1, n / 50) * 0.5 * (1 + Math.cos((Math.PI * n) / total))),
    gradNorm: step.map((n) => 0.2 + 0.5 * Math.exp(-n / 120) + 0.3 * noise(n + 9)),
  }
}

const prompts = [
  'blackink style emoji of a red fox',
  'blackink style emoji of a teapot',
  'blackink style emoji of a lighthouse',
  'a sailing boat',
]
const samples = (last: number): RunSample[] =>
  [0, 100, 200, 300, 400, 500, 600]
    .filter((step) => step <= last)
    .flatMap((step) =>
      prompts.map((prompt, promptIndex) => ({
        step,
        prompt,
        promptIndex,
        seed: 7,
        media: mediaOf(promptIndex * 5 + step / 100, step < 200 ? 'comic-outline' : 'black-ink'),
      })),
    )

const running: RunSummary = {
  id: 'run-ink',
  name: 'Black ink',
  state: 'running',
  dataset: 'black-ink',
  datasetName: 'Black ink',
  step: 412,
  steps: 600,
  loss: 0.1043,
  startedAt: Date.UTC(2026, 10, 24, 9, 12),
  seconds: 228,
  cover: mediaOf(4),
}
const done: RunSummary = {
  ...running,
  id: 'run-comic',
  name: 'Comic outline',
  state: 'done',
  dataset: 'comic',
  datasetName: 'Comic outline',
  step: 600,
  loss: 0.0971,
  startedAt: Date.UTC(2026, 10, 23, 20, 5),
  seconds: 341,
  adapter: 'comic-outline',
  cover: mediaOf(6, 'comic-outline'),
}

/** Of the samples that its pictures are. */
const setOf = ({ dataset }: RunSummary): string => (dataset === 'comic' ? 'comic-outline' : dataset)

const forecast: Forecast = {
  steps: 600,
  epochs: 27.3,
  pictures: 88,
  secondsKnown: true,
  seconds: 322,
  memoryBytes: 1.4e9,
  freeMemoryBytes: 11.2e9,
  fileBytes: 3.3e6,
  diskBytes: 21e6,
  freeDiskBytes: 210e9,
  trainable: 811_008,
  fraction: 0.021,
  problems: [],
}

export function fakeTraining(empty: boolean): Handlers<'training'> {
  const runs = empty ? [] : [running, done]
  let own: readonly OwnPreset[] = empty
    ? []
    : [{ name: 'Soft lines', values: { ...trainingPresets.embedded?.[1]?.values, rank: 16, alpha: 16 } }]
  const found = (run: string): RunSummary => {
    const one = runs.find(({ id }) => id === run)
    if (one) return one
    throw new PigmentError('run-unknown', 'There is no such run.', { run })
  }
  return {
    options: () => ({ fields: trainingFields, setFields, presets: trainingPresets }),
    forecast: ({ batch }) =>
      batch < 64
        ? forecast
        : {
            ...forecast,
            memoryBytes: 14.4e9,
            problems: [
              {
                code: 'out-of-memory',
                message: 'This needs 14.4 GB and 11.2 GB are free. Choose batch 8 with accumulation 8: the same result.',
                facts: { need: 14.4e9, free: 11.2e9 },
                stops: true,
              },
            ],
          },
    start: () => {
      const [job] = fakeJobs
      if (!job) throw new PigmentError('job-unknown', 'There is no such job.', {})
      return job
    },
    sampleNow: () => undefined,
    rename: ({ run, name }) => ({ ...found(run), name }),
    remove: () => ({ undo: 'undo' }),
    restore: () => ({ run: done.id }),
    keep: () => fakeCard,
    average: () => fakeCard,
    paused: () => ({ ...fakeCard, id: 'run-paused', paused: 400 }),
    presets: () => own,
    keepPreset: (preset) => (own = [...own.filter(({ name }) => name !== preset.name), preset]),
    removePreset: ({ name }) => (own = own.filter((one) => one.name !== name)),
    pictures: ({ run, paths }) => fakeRunPictures(paths, found(run).dataset, setOf(found(run))),
    entrants: () => fakeEntrants,
    race: () => fakeRaceJob(),
    raced: ({ job }) => fakeRace(job),
    runs: () => runs,
    disk: () =>
      runs.map(({ id, state, cover }, i) => ({ run: id, bytes: 212e6 * (i + 1), ...(state === 'done' && cover ? { proof: cover } : {}) })),
    run({ run }): RunDetails {
      const one = found(run)
      return {
        ...one,
        form: { name: one.name, dataset: one.dataset, steps: one.steps, rank: 32, alpha: 32, lr: 1e-3, batch: 8, trigger: 'blackink' },
        curve: curve(one.step, one.steps),
        samples: samples(one.step),
        forgetting: [],
        validation: [0, 100, 200, 300, 400, 500, 600]
          .filter((step) => step <= one.step)
          .map((step) => ({
            step,
            heldOut: 0.16 - 0.05 * Math.sin(step / 260),
            trained: 0.16 - 0.0001 * step,
            gap: 0.05 * Math.sin(step / 260) - 0.0001 * step,
            levels: [200, 400, 600, 800].map((timestep) => ({
              timestep,
              heldOut: 0.2 - 0.0001 * timestep,
              trained: 0.19 - 0.0001 * timestep,
            })),
          })),
        ...(one.state === 'done'
          ? {
              recommendation: {
                step: 400,
                last: 600,
                heldOut: 0.11,
                heldOutLast: 0.123,
                reason: because('recommend-copies', 'Step {step}: best on held-out pictures; later ones copy.', { step: 400, last: 600 }),
              },
            }
          : {}),
        diagnosis: fakeDiagnosis(one.step, setOf(one)),
        kept: [100, 200, 300, 400, 500].filter((step) => step <= one.step),
        checkpoints: [100, 200, 300, 400].map((step) => ({ step, at: running.startedAt + step * 550 })),
      }
    },
  }
}
