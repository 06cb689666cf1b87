// The devices of this machine, each tested once, in a process of their own: only this side of the worker processes can start one.
import {
  checkProviders,
  chooseProvider,
  runApart,
  type ChosenProvider,
  type ProviderReport,
  type SelfTest,
  type StartTest,
} from '../../engine/runtime/providers.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Device } from '../api/command.ts'
import type { LaunchWorker } from './channel.ts'
import type { deviceOperations } from './device-tests.ts'
import { WorkerProcess } from './worker-process.ts'

export class Devices {
  readonly #launch: LaunchWorker
  readonly #known = new Map<Provider, ProviderReport>()
  #process: WorkerProcess<typeof deviceOperations> | undefined
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(launch: LaunchWorker) {
    this.#launch = launch
  }

  /** Every device with its self-test, fastest first; `again` forgets earlier answers. */
  reports(again = false): Promise<readonly ProviderReport[]> {
    return this.#inTurn(() => {
      if (again) this.#known.clear()
      return checkProviders(this.#test)
    })
  }

  /** What was installed or removed since may change every answer. */
  forget(): void {
    void this.#inTurn(() => Promise.resolve(this.#known.clear()))
  }

  /** Throws `provider-unusable`. */
  choose(requested: Device): Promise<ChosenProvider> {
    if (requested === 'cpu') return chooseProvider(requested)
    return this.#inTurn(() => {
      // Who insists on a device may have mended it.
      if (requested !== 'auto' && !this.#known.get(requested)?.passed) this.#known.delete(requested)
      return chooseProvider(requested, this.#test)
    })
  }

  /** What would be chosen, without a test: undefined where one is still to be made. */
  async foreseen(requested: Device): Promise<ChosenProvider | undefined> {
    const told: SelfTest = (provider) => {
      const report = this.#known.get(provider)
      return report ? Promise.resolve(report) : Promise.reject(new Error(`${provider} was not tested yet`))
    }
    return chooseProvider(requested, told).catch(() => (requested === 'auto' ? undefined : { provider: requested, skipped: [] }))
  }

  /** Whoever waits for a test is told that it was given up. */
  close(): void {
    this.#closed = true
    this.#stop()
  }

  readonly #test: SelfTest = async (provider) => {
    const report = this.#known.get(provider) ?? (await runApart(provider, this.#start))
    if (this.#closed) throw new PigmentError('cancelled', 'Pigment was closed before its devices were tested.')
    this.#known.set(provider, report)
    return report
  }

  readonly #start: StartTest = (provider, report, ended) => {
    const process = (this.#process ??= new WorkerProcess<typeof deviceOperations>('devices', this.#launch))
    process
      .call('test', provider, { onEvent: report })
      .catch(({ message, facts }: PigmentError) => ended(typeof facts.reason === 'string' ? facts.reason : message))
    // One that hangs is left to die; the next test has a new process.
    return () => this.#stop()
  }

  #stop(): void {
    this.#process?.stop()
    this.#process = undefined
  }

  /** One at a time, so that no test slows another; afterwards the process goes, and with it what its drivers hold. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work).finally(() => this.#stop())
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
