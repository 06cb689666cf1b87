// The queue of the fake studio: one job in every state that a person meets.
import { PigmentError } from '../../../engine/requests/error.ts'
import type { JobState, JobSummary } from '../../../main/api/methods/jobs.ts'
import type { Handlers } from './handlers.ts'
import { mediaOf } from './pictures.ts'

const start = Date.UTC(2026, 10, 24, 9, 12)
function job(id: string, kind: JobSummary['kind'], title: string, state: JobState, step: number, steps: number): JobSummary {
  const waits = state === 'queued'
  const over = ['done', 'failed', 'cancelled'].includes(state)
  return {
    id,
    kind,
    title,
    state,
    place: waits ? 0 : null,
    step,
    steps,
    eta: state === 'running' ? 104 : null,
    preparing: null,
    createdAt: start - step * 1000,
    startedAt: waits ? null : start - step * 900,
    endedAt: over ? start - 60_000 : null,
    ...(waits ? {} : { cover: mediaOf(step, kind === 'train' ? 'black-ink' : 'comic-outline') }),
    ...(state === 'failed'
      ? {
          error: {
            code: 'out-of-memory',
            message: 'The device has no memory left at batch 32. Choose a smaller batch, or recompute activations.',
            facts: { batch: 32, device: 'webgpu' },
          },
        }
      : {}),
  }
}

export const fakeJobs: readonly JobSummary[] = [
  job('run-ink', 'train', 'Black ink', 'running', 412, 600),
  job('next', 'generate', 'comicline style emoji of a red fox', 'queued', 0, 80),
  { ...job('sheet', 'grid', 'blackink style emoji of a teapot', 'queued', 0, 500), place: 1 },
  job('old', 'train', 'Watercolour', 'interrupted', 350, 1000),
  job('run-comic', 'train', 'Comic outline', 'done', 600, 600),
  job('big', 'train', 'Ink studies', 'failed', 3, 1000),
  job('fox', 'generate', 'a lighthouse, night', 'done', 80, 80),
  job('race-comic', 'race', 'Race: Comic outline', 'done', 1250, 1250),
]

export function fakeJobHandlers(empty: boolean): Handlers<'jobs'> {
  const all = empty ? [] : fakeJobs
  const get = ({ job: id }: { job: string }): JobSummary => {
    const found = all.find((one) => one.id === id)
    if (!found) throw new PigmentError('job-unknown', 'There is no such job.', { id })
    return found
  }
  return {
    list: () => all,
    get: (input) => ({
      ...get(input),
      log: [
        { at: start, level: 'info', text: '88 pictures, 1 bucket, 128 × 128' },
        { at: start + 4000, level: 'info', text: 'webgpu chosen: 3.1 times faster than cpu' },
        { at: start + 9000, level: 'warning', text: 'koala.png: the caption has 84 tokens, 7 are left out' },
      ],
      events: 420,
      latest: [],
    }),
    move: () => all,
    pause: get,
    resume: get,
    cancel: get,
    clear: () => undefined,
    hold: ({ held = false }) => ({ held }),
    restartEngine: () => undefined,
  }
}
