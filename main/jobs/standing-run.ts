import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import { pauseWords } from '../operations/pause-gate.ts'
import type { RunningCall } from '../processes/worker-process.ts'
import type { JobRun } from './job-run.ts'

/** Longer than any run stands still. */
const longestStanding = 24 * 60 * 60_000

interface Parts {
  readonly call: () => Pick<RunningCall, 'notify' | 'grant'> | undefined
  /** Lets others draw with what it has learnt. */
  readonly offer: () => Promise<void>
}

/** A training run that a person may pause: once it is prepared, it stands still in its process, and goes on there. */
export class StandingRun {
  /** How long it stood still. */
  seconds = 0
  #since = 0
  #prepared = false
  readonly #run: Pick<JobRun, 'turn' | 'tell' | 'signal' | 'job'>
  readonly #parts: Parts

  constructor(run: Pick<JobRun, 'turn' | 'tell' | 'signal' | 'job'>, parts: Parts) {
    this.#run = run
    // Where others do it, it is theirs to be prepared.
    this.#prepared = run.job.on === 'workers'
    this.#parts = parts
  }

  hear({ type, step }: Extract<TrainEvent, { readonly type: 'start' | 'paused' | 'resumed' }>): void {
    const { turn, tell } = this.#run
    if (type === 'start') {
      this.#prepared = true
      turn.pausable(() => this.#parts.call()?.notify(pauseWords.pause))
    }
    if (type === 'paused') {
      this.#since = Date.now()
      this.#parts.call()?.grant(longestStanding)
      tell({
        type: 'log',
        at: Date.now(),
        level: 'info',
        text: `Paused after step ${step}. Its model stays loaded.`,
        code: 'paused',
        facts: { step },
      })
      const goOn = (): void => this.#parts.call()?.notify(pauseWords.goOn)
      // Who sees it paused can draw with it.
      void this.#parts.offer().then(() => turn.standStill(goOn))
    }
    if (type === 'resumed') {
      this.seconds += (Date.now() - this.#since) / 1000
      tell({ type: 'log', at: Date.now(), level: 'info', text: `Goes on after step ${step}.`, code: 'resumed', facts: { step } })
    }
  }

  /** Where its model was changed meanwhile, its checkpoint says whether it still is the same run. Throws `paused-preparing` where a pause came too early. */
  async orAgain<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      const { code, message, facts } = errorRecord(error)
      if (code === 'cancelled' && !this.#prepared && typeof this.#run.signal.reason !== 'string') throw pausedEarly()
      if (code !== 'model-changed') throw error
      this.#run.tell({ type: 'warning', code, message, facts })
      return attempt()
    }
  }
}

const pausedEarly = (): PigmentError =>
  new PigmentError(
    'paused-preparing',
    'Paused while it was prepared: nothing is kept in memory, and it is prepared again when it goes on.',
    {},
  )
