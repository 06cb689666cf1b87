// The queue as the host tells it, and what the running jobs report.
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import type { JobEvent } from '../../main/api/topics.ts'
import type { RunCurve, RunSample } from '../../main/api/methods/training.ts'
import { host } from './host.svelte.ts'

/** What of a run grows while it runs. */
export interface LiveRun {
  readonly curve: { step: number[]; loss: number[]; lr: number[]; gradNorm: number[] }
  samples: RunSample[]
  rate: number
  /** Counts redraws of the chart: arrays this long are not watched one by one. */
  version: number
}

/** Runs, waits, or can go on without being asked for anew. */
export const isOpen = ({ state }: JobSummary): boolean =>
  ['queued', 'running', 'pausing', 'paused', 'interrupted', 'cancelling'].includes(state)

function grow(run: LiveRun, event: JobEvent): void {
  // A run that went back to its checkpoint goes over these steps again, and one that was told already is told once.
  if (event.type === 'start') cut(run, event.step)
  if (event.type === 'step' && 'loss' in event) {
    cut(run, event.step - 1)
    run.curve.step.push(event.step)
    run.curve.loss.push(event.loss)
    run.curve.lr.push(event.lr)
    run.curve.gradNorm.push(event.gradNorm)
    run.rate = event.rate
    run.version++
  }
  if (event.type === 'sample') {
    const { step, promptIndex } = event.sample
    run.samples = [...run.samples.filter((one) => one.step !== step || one.promptIndex !== promptIndex), event.sample]
  }
}

/** Forgets the steps after this one. */
function cut({ curve }: LiveRun, last: number): void {
  let length = curve.step.length
  while (length > 0 && (curve.step[length - 1] ?? 0) > last) length--
  for (const column of [curve.step, curve.loss, curve.lr, curve.gradNorm]) column.length = length
}

class Jobs {
  all = $state<readonly JobSummary[]>([])
  previews = $state<Record<string, { step: number; steps: number; media: string }>>({})
  live = $state<Record<string, LiveRun>>({})

  /** What runs report whose past is being asked for. */
  readonly #asked = new Map<string, JobEvent[]>()

  running = $derived(this.all.find(({ state }) => state === 'running' || state === 'pausing' || state === 'cancelling'))
  /** In the order in which they will run. */
  waiting = $derived(this.all.filter(({ state }) => state === 'queued'))

  async load(): Promise<void> {
    const list = async (): Promise<void> => void (this.all = await host.api.jobs.list())
    host.hear('jobs', ({ job, removed }) => {
      const others = this.all.filter(({ id }) => id !== job.id)
      const at = this.all.findIndex(({ id }) => id === job.id)
      const before = this.all[at]
      this.all = removed ? others : others.toSpliced(at < 0 ? others.length : at, 0, job)
      // One that was moved, put first or ended stands elsewhere than where it stood.
      const place = this.waiting.findIndex(({ id }) => id === job.id)
      if (!removed && (place !== (job.place ?? -1) || (before && isOpen(before) !== isOpen(job)))) void host.attempt(list)
    })
    host.hear('preview', ({ job, step, steps, media }) => (this.previews[job] = { step, steps, media }))
    host.hear('job', ({ id, event }) => {
      const job = this.all.find((one) => one.id === id)
      if (event.type === 'step' && job) {
        const eta = 'eta' in event ? event.eta : job.eta
        this.all = this.all.map((one) => (one.id === id ? { ...one, step: event.step, steps: event.steps, eta } : one))
      }
      this.#asked.get(id)?.push(event)
      const run = this.live[id]
      if (run) grow(run, event)
    })
    host.onReturn(async () => {
      await list()
      for (const id of Object.keys(this.live)) await this.follow(id, () => host.api.training.run({ run: id }))
    })
    await list()
  }

  /** Gives a waiting job another place among those that wait, from 0 on; false where that failed. */
  async place(job: string, at: number): Promise<boolean> {
    const others = this.waiting.filter(({ id }) => id !== job)
    const all = await host.attempt(() => host.api.jobs.move({ job, before: others[at]?.id ?? null }))
    if (all) this.all = all
    return all !== undefined
  }

  /** Follows a run from what is known of it; what it reports while that is asked for is not missed. */
  async follow<Known extends { readonly curve: RunCurve; readonly samples: readonly RunSample[] }>(
    id: string,
    ask: () => Promise<Known>,
  ): Promise<Known> {
    const meanwhile: JobEvent[] = []
    this.#asked.set(id, meanwhile)
    try {
      const known = await ask()
      const { step, loss, lr, gradNorm } = known.curve
      const run = { curve: { step: [...step], loss: [...loss], lr: [...lr], gradNorm: [...gradNorm] }, samples: [...known.samples] }
      this.live[id] = { ...run, rate: 0, version: 0 }
      for (const event of meanwhile) grow(this.live[id], event)
      return known
    } finally {
      if (this.#asked.get(id) === meanwhile) this.#asked.delete(id)
    }
  }
}

export const jobs = new Jobs()
