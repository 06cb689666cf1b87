// The queue as the host tells it, and what the running jobs report.
import { diagnosedBy, type Diagnosis } from '../../engine/requests/diagnosis.ts'
import type { Recommendation, ValidationPoint } from '../../engine/requests/watch-events.ts'
import type { JobSummary, Preparing } from '../../main/api/methods/jobs.ts'
import type { JobEvent, TopicPayload } from '../../main/api/topics.ts'
import type { RunDetails, RunForgetting, RunSample } from '../../main/api/methods/training.ts'
import { bytes, t } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'
import { Meanwhile } from './overtaken.ts'

/** What of a run grows while it runs. */
export interface LiveRun {
  readonly curve: { step: number[]; loss: number[]; lr: number[]; gradNorm: number[] }
  samples: RunSample[]
  forgetting: RunForgetting[]
  /** Steps whose weights are kept. */
  kept: number[]
  validation: ValidationPoint[]
  recommendation: Recommendation | undefined
  diagnosis: Diagnosis
  rate: number
  /** Counts redraws of the chart: arrays this long are not watched one by one. */
  version: number
}

/** Runs, waits, or can go on without being asked for anew. */
export const isOpenState = (state: JobSummary['state']): boolean =>
  ['queued', 'running', 'pausing', 'paused', 'interrupted', 'cancelling'].includes(state)
/** Its process is at work on it. */
export const isActiveState = (state: JobSummary['state']): boolean => ['running', 'pausing', 'cancelling'].includes(state)
export const isOpen = ({ state }: JobSummary): boolean => isOpenState(state)

/** Has begun and is not over: how far it is stays shown, also while it is stopped. */
export const hasBar = (job: JobSummary): boolean => isOpen(job) && (job.state !== 'queued' || job.step > 0)

/** How far it is, in what it counts. */
export const stepWords = ({ step, steps, counts }: JobSummary): string =>
  counts === 'bytes' ? `${bytes(step)} / ${bytes(steps)}` : `${step} / ${steps}`

/** What is done before the first step: “Preparing pictures 19/22”. */
export const preparingWords = ({ stage, done, total }: Preparing): string =>
  total > 1 ? t('jobs.preparing.of', { what: t(`jobs.preparing.${stage}`), done, total }) : t(`jobs.preparing.${stage}`)

/** Who does it, where other machines do; empty where nobody does now. */
export function elsewhereWords({ elsewhere, state, preparing }: JobSummary): string {
  if (!elsewhere) return ''
  if (!isActiveState(state)) return t('workers.on.workers')
  if (elsewhere.away) return t('jobs.elsewhere.away')
  if (elsewhere.worker !== null) return t('jobs.elsewhere', { worker: elsewhere.worker })
  return preparing ? t('workers.on.workers') : t('jobs.elsewhere.waits')
}

/** How far it is: its steps, or before them what is prepared. A job that was stopped keeps its bar while it can go on. */
export function barOf({ preparing, step, steps }: JobSummary, label: string): { label: string; of?: { value: number; max: number } } {
  if (!preparing) return { label, of: { value: step, max: Math.max(1, steps) } }
  const { total, done } = preparing
  return { label: preparingWords(preparing), ...(total > 1 ? { of: { value: done, max: total } } : {}) }
}

function grow(run: LiveRun, event: JobEvent): void {
  const diagnosis = diagnosedBy(run.diagnosis, event)
  if (diagnosis !== run.diagnosis) run.diagnosis = diagnosis
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
  if (event.type === 'kept-step') run.kept = [...run.kept.filter((step) => step !== event.step), event.step]
  if (event.type === 'validation') run.validation = [...run.validation.filter(({ step }) => step < event.step), event]
  if (event.type === 'recommendation') run.recommendation = event
  if (event.type === 'forgetting') run.forgetting = [...run.forgetting.filter(({ step }) => step < event.point.step), event.point]
}

/** Forgets the steps after this one. */
function cut({ curve }: LiveRun, last: number): void {
  let length = curve.step.length
  while (length > 0 && (curve.step[length - 1] ?? 0) > last) length--
  for (const column of [curve.step, curve.loss, curve.lr, curve.gradNorm]) column.length = length
}

const list = (found: unknown): string => (Array.isArray(found) ? found.join(' · ') : '')

class Jobs {
  all = $state<readonly JobSummary[]>([])
  previews = $state<Record<string, { step: number; steps: number; media: string }>>({})
  live = $state<Record<string, LiveRun>>({})

  /** What runs report whose past is being asked for. */
  readonly #asked = new Map<string, JobEvent[]>()
  /** How many lists were asked for, and which of them was taken last. */
  #lists = { asked: 0, taken: 0 }
  readonly #news = new Meanwhile<TopicPayload<'jobs'>>()

  running = $derived(this.all.find(({ state }) => state === 'running' || state === 'pausing' || state === 'cancelling'))
  /** In the order in which they will run. */
  waiting = $derived(this.all.filter(({ state }) => state === 'queued'))

  async load(): Promise<void> {
    host.hear('jobs', (news) => {
      this.#news.tell(news)
      if (this.#hear(news)) void host.attempt(() => this.#list())
    })
    host.hear('preview', ({ job, step, steps, media }) => (this.previews[job] = { step, steps, media }))
    host.hear('job', ({ id, event }) => {
      if (event.type === 'warning' && event.code === 'prompt-syntax')
        host.tell({ text: t('generate.syntax', { found: list(event.facts.found) }) })
      if (event.type === 'warning' && event.code === 'lora-options')
        host.tell({ text: t('generate.loraOptions', { found: list(event.facts.ignored) }) })
      if (event.type === 'warning' && event.code === 'embedding-unknown')
        host.tell({ text: t('generate.embeddingUnknown', { found: list(event.facts.found) }) })
      if (event.type === 'warning' && event.code === 'embedding-family-mismatch')
        host.tell({ text: t('generate.embeddingElsewhere', { name: String(event.facts.name) }) })
      this.#asked.get(id)?.push(event)
      const run = this.live[id]
      if (run) grow(run, event)
    })
    host.onReturn(async () => {
      await this.#list()
      for (const id of Object.keys(this.live)) await this.follow(id, () => host.api.training.run({ run: id }))
    })
    await this.#list()
  }

  #list(): Promise<void> {
    return this.#take(() => host.api.jobs.list())
  }

  /** Takes a list, unless one that was asked for later is here, and what was told since it was asked for. */
  async #take(ask: () => Promise<readonly JobSummary[]>): Promise<void> {
    const mine = ++this.#lists.asked
    const [all, since] = await this.#news.ask(ask)
    if (mine < this.#lists.taken) return
    this.#lists.taken = mine
    this.all = all
    const stale = since.filter((news) => this.#hear(news))
    if (stale.length > 0) await this.#list()
  }

  /** Whether the list must be asked for again. */
  #hear({ job, removed }: TopicPayload<'jobs'>): boolean {
    const others = this.all.filter(({ id }) => id !== job.id)
    const at = this.all.findIndex(({ id }) => id === job.id)
    const before = this.all[at]
    this.all = removed ? others : others.toSpliced(at < 0 ? others.length : at, 0, job)
    // One that was moved, put first or ended stands elsewhere than where it stood.
    const place = this.waiting.findIndex(({ id }) => id === job.id)
    return !removed && (place !== (job.place ?? -1) || (before !== undefined && isOpen(before) !== isOpen(job)))
  }

  /** Gives a waiting job another place among those that wait, from 0 on; false where that failed. */
  async place(job: string, at: number): Promise<boolean> {
    const others = this.waiting.filter(({ id }) => id !== job)
    const move = () => host.api.jobs.move({ job, before: others[at]?.id ?? null })
    return (await host.attempt(async () => (await this.#take(move), true))) ?? false
  }

  /** Follows a run from what is known of it; what it reports while that is asked for is not missed. */
  async follow<Known extends Pick<RunDetails, 'curve' | 'samples' | 'forgetting' | 'kept' | 'validation' | 'recommendation' | 'diagnosis'>>(
    id: string,
    ask: () => Promise<Known>,
  ): Promise<Known> {
    const meanwhile: JobEvent[] = []
    this.#asked.set(id, meanwhile)
    try {
      const known = await ask()
      // Asked for again meanwhile: that answer is newer, and the news since go with it.
      if (this.#asked.get(id) !== meanwhile) return known
      const { step, loss, lr, gradNorm } = known.curve
      const run = {
        curve: { step: [...step], loss: [...loss], lr: [...lr], gradNorm: [...gradNorm] },
        samples: [...known.samples],
        forgetting: [...known.forgetting],
        kept: [...known.kept],
        validation: [...known.validation],
        recommendation: known.recommendation,
        diagnosis: known.diagnosis,
      }
      this.live[id] = { ...run, rate: 0, version: 0 }
      for (const event of meanwhile) grow(this.live[id], event)
      return known
    } finally {
      if (this.#asked.get(id) === meanwhile) this.#asked.delete(id)
    }
  }
}

export const jobs = new Jobs()
