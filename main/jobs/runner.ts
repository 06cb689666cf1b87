// From a job to its doing: its kind sends the work to the engine process and takes in what comes of it; here it is told how the job goes.
import { join } from 'node:path'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import type { JobEvent } from '../api/topics.ts'
import type { RemoteEngine } from '../remote/remote-engine.ts'
import type { RunningCall } from '../processes/worker-process.ts'
import type { JobRun, RunnerOptions } from './job-run.ts'
import { openElsewhere } from './elsewhere.ts'
import { isElsewhere, type Work } from './job.ts'
import type { Outcome } from './job-kind.ts'
import { optimizedPlace } from '../stores/optimized-place.ts'
import { jobKinds } from './kinds/index.ts'
import type { RunJob } from './queue-options.ts'

export class JobRunner {
  readonly #parts: RunnerOptions
  readonly #calls = new Map<string, RunningCall>()
  constructor(parts: RunnerOptions) {
    this.#parts = parts
  }

  readonly run: RunJob = async (job, update, signal, turn) => {
    const { records, settings, devices, places } = this.#parts
    const tell = (event: JobEvent): void => this.#tell(job.id, event)
    await records.begin(job.id)
    update({ preparing: { stage: 'model', done: 0, total: 1 } })
    if (!job.elsewhere?.open) tell({ type: 'log', at: Date.now(), level: 'info', text: `Started: ${job.title}`, code: 'started' })
    let elsewhere: RemoteEngine | undefined
    try {
      elsewhere = isElsewhere(job) ? await openElsewhere(this.#parts, { job, update, tell, signal, atOnce: turn.atOnce }) : undefined
      const caller = elsewhere ?? this.#parts.engine
      // Its schema is that of the kind that it names.
      const kind: { run(work: Work, run: JobRun): Promise<Outcome> } = jobKinds[job.work.kind]
      const result = await kind.run(job.work, {
        ...this.#parts,
        ...{ job, caller },
        folder: this.folderOf(job.id),
        staging: join(this.#parts.places.fetching, job.id),
        update,
        signal,
        // What others do is not kept in memory here while it is paused.
        turn: elsewhere ? { ...turn, pausable: () => undefined } : turn,
        tell,
        async machinery() {
          if (elsewhere) return { device: 'auto', threads: 0 }
          const { device, threads } = settings.value
          return { device: await devices.choose(device), threads, optimized: optimizedPlace(places.root, settings.value) }
        },
        start: (operation, task, onEvent) => {
          const call = caller.start(operation, task, { signal, onEvent })
          this.#calls.set(job.id, call)
          return call
        },
      })
      tell({ type: 'log', at: Date.now(), level: 'info', text: 'Done.', code: 'done' })
      await elsewhere?.forget()
      return result
    } catch (error) {
      const { code, message: text, facts } = letGo(signal) ?? errorRecord(error)
      tell({ type: 'log', at: Date.now(), level: signal.aborted ? 'info' : 'error', text, code, facts: sayable(facts) })
      throw error
    } finally {
      this.#calls.delete(job.id)
      await elsewhere?.close()
      await records.flush()
    }
  }

  /** Asks the running training for a sample after its next step. Throws `job-not-running`. */
  sampleNow(id: string): void {
    this.#notify(id, 'sample')
  }

  /** Ends the picture that is drawn now with what there is of it; the next ones are drawn. Throws `job-not-running`. */
  skipPicture(id: string): void {
    this.#notify(id, 'skip')
  }

  #notify(id: string, what: string): void {
    const call = this.#calls.get(id)
    if (!call) throw new PigmentError('job-not-running', 'This job does not run now.', { job: id })
    call.notify(what)
  }

  /** Where a run keeps its adapter, checkpoints and samples. */
  folderOf(id: string): string {
    return join(this.#parts.places.runs, id)
  }

  #tell(id: string, event: JobEvent): void {
    const { records, announcer } = this.#parts
    announcer.announce('job', { id, index: records.add(id, event), event })
  }
}

/** A paused run that keeps nothing in memory any more has done nothing wrong. */
function letGo(signal: AbortSignal): Pick<ErrorRecord, 'code' | 'message' | 'facts'> | undefined {
  const reason: unknown = signal.reason
  if (reason !== 'memory' && reason !== 'time') return undefined
  return { code: `paused-${reason}`, message: `${letGoSentences[reason]} It goes on from its checkpoint, to the same end.`, facts: {} }
}
const letGoSentences = {
  memory: 'The paused run no longer keeps its model in memory, which another job needed.',
  time: 'The paused run no longer keeps its model in memory: it was paused for long.',
} as const

/** A stack holds paths of this machine, and stands in the program's own log. */
const sayable = ({ stack: _stack, ...facts }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => facts
