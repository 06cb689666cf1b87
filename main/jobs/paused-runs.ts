// What paused runs have learnt until then: lies beside their checkpoints, and can be drawn with as if it were in the library.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import type { TrainingForm } from '../api/methods/training.ts'
import { pausedAdapter } from '../api/paused-adapter.ts'
import { runFolderOf, stoppedAdapter } from '../operations/run-folder.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import type { Places } from '../places/places.ts'
import type { Announcer } from '../processes/announcer.ts'
import { factsOf, libraryEntry } from '../stores/adapter-entry.ts'
import type { Library } from '../stores/library.ts'
import { safeName } from '../stores/safe-name.ts'
import type { JobState } from './job-state.ts'

export interface PausedRunsOptions {
  readonly places: Pick<Places, 'runs'>
  readonly library: Library
  readonly tools: ToolsProcess
  readonly announcer: Announcer
}
/** A job of any kind: those of the kinds know of this module. */
interface Seen extends Pick<JobState, 'id' | 'title' | 'state' | 'cover'> {
  readonly work: { readonly kind: string; readonly form?: unknown }
}

export class PausedRuns {
  readonly #options: PausedRunsOptions
  /** By job, what is offered: of which state of the file. */
  readonly #offered = new Map<string, string>()
  /** What is offered, or is about to be. */
  readonly #wanted = new Set<string>()
  /** One after the other, so that what was told last holds. */
  #last: Promise<void> = Promise.resolve()

  constructor(options: PausedRunsOptions) {
    this.#options = options
  }

  /** Offers what it has learnt while it is paused or waits to go on; takes that back once it is not. */
  see(job: Seen, removed = false): Promise<void> {
    const { work } = job
    if (work.kind !== 'train') return Promise.resolve()
    const offers = !removed && (job.state === 'paused' || job.state === 'queued')
    // A run that goes on tells of each of its steps.
    if (!offers && !this.#wanted.delete(job.id)) return this.#last
    if (offers) this.#wanted.add(job.id)
    this.#last = this.#last
      .then(() => (offers ? this.#offer(job, work.form as TrainingForm) : this.#withdraw(job.id)))
      .catch(() => undefined)
    return this.#last
  }

  /** Throws `run-without-step` where a run was stopped before its first step, or killed, and `run-not-paused` where it is not paused. */
  async offered(job: Seen): Promise<string> {
    await this.see(job)
    const id = pausedAdapter(job.id)
    if (this.#offered.has(job.id)) return id
    const { title } = job
    if (job.state !== 'paused' && job.state !== 'queued')
      throw new PigmentError('run-not-paused', `“${title}” is not paused. Pause it, and draw with it as it is then.`, { title })
    const sentence = `“${title}” has left nothing to draw with: it was paused before its first step, was killed, or is on another machine. Let it go on here, and pause it after a step.`
    throw new PigmentError('run-without-step', sentence, { title })
  }

  async #offer({ id: run, title, cover }: Seen, form: Pick<TrainingForm, 'name' | 'trigger'>): Promise<void> {
    const { places, library, tools, announcer } = this.#options
    const file = stoppedAdapter(runFolderOf(join(places.runs, run, `${safeName(form.name)}.safetensors`)))
    const found = await stat(file).catch(() => undefined)
    if (!found) return this.#withdraw(run)
    const stamp = `${title} ${found.size} ${found.mtimeMs}`
    if (this.#offered.get(run) === stamp) return
    const facts = await tools.call('skimAdapter', { path: file })
    const step = Number(facts.metadata.find(([key]) => key === 'ss_steps')?.[1] ?? 0)
    const trigger = form.trigger?.trim()
    const entry = libraryEntry.parse({
      id: pausedAdapter(run),
      root: dirname(file),
      file: basename(file),
      source: 'trained',
      run,
      at: found.mtimeMs,
      title,
      ...(trigger ? { triggers: [trigger] } : {}),
      ...(cover ? { cover } : {}),
      facts: factsOf(facts),
      stamp,
      bytes: found.size,
      content: facts.content,
    })
    this.#offered.set(run, stamp)
    announcer.announce('library', { adapter: library.lent.lend({ entry, step }) })
  }

  async #withdraw(run: string): Promise<void> {
    this.#offered.delete(run)
    const adapter = this.#options.library.lent.takeBack(pausedAdapter(run))
    if (adapter) this.#options.announcer.announce('library', { adapter, removed: true })
  }
}
