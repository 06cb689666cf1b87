// The queue as the host tells it, and what the running jobs report.
import type { JobSummary } from '../../main/api/methods/jobs.ts'
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

class Jobs {
  all = $state<readonly JobSummary[]>([])
  previews = $state<Record<string, { step: number; steps: number; media: string }>>({})
  live = $state<Record<string, LiveRun>>({})

  running = $derived(this.all.find(({ state }) => state === 'running' || state === 'pausing' || state === 'cancelling'))
  waiting = $derived(this.all.filter(({ state }) => state === 'queued').length)

  async load(): Promise<void> {
    host.hear('jobs', ({ job, removed }) => {
      const others = this.all.filter(({ id }) => id !== job.id)
      const at = this.all.findIndex(({ id }) => id === job.id)
      this.all = removed ? others : others.toSpliced(at < 0 ? others.length : at, 0, job)
    })
    host.hear('preview', ({ job, step, steps, media }) => (this.previews[job] = { step, steps, media }))
    host.hear('job', ({ id, event }) => {
      const job = this.all.find((one) => one.id === id)
      if (event.type === 'step' && job) {
        const eta = 'eta' in event ? event.eta : job.eta
        this.all = this.all.map((one) => (one.id === id ? { ...one, step: event.step, steps: event.steps, eta } : one))
      }
      const run = this.live[id]
      if (!run) return
      if (event.type === 'step' && 'loss' in event) {
        run.curve.step.push(event.step)
        run.curve.loss.push(event.loss)
        run.curve.lr.push(event.lr)
        run.curve.gradNorm.push(event.gradNorm)
        run.rate = event.rate
        run.version++
      }
      if (event.type === 'sample') run.samples = [...run.samples, event.sample]
    })
    this.all = await host.api.jobs.list()
  }

  /** Follows a run from what is known of it. */
  follow(id: string, curve: RunCurve, samples: readonly RunSample[]): void {
    const copy = { step: [...curve.step], loss: [...curve.loss], lr: [...curve.lr], gradNorm: [...curve.gradNorm] }
    this.live[id] = { curve: copy, samples: [...samples], rate: 0, version: 0 }
  }
}

export const jobs = new Jobs()
