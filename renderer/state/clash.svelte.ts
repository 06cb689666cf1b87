// The clash report of some adapters of the library, asked for again when they or their strengths change.
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { ClashReport } from '../../engine/requests/clash.ts'
import type { Strength } from '../../engine/requests/strength.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

export interface ClashSource extends Strength {
  readonly adapter: string
}

/** A moved slider asks when it rests. */
const rest = 250

export class Clash {
  report = $state.raw<ClashReport>()
  error = $state.raw<ErrorRecord>()
  pending = $state(false)
  readonly #newest = latest()
  #timer: ReturnType<typeof setTimeout> | undefined
  #task: string | undefined

  /** Fewer than two have no report. */
  ask(sources: readonly ClashSource[], model: string | undefined): void {
    clearTimeout(this.#timer)
    this.pending = sources.length > 1
    if (sources.length > 1) this.#timer = setTimeout(() => void this.#ask(sources, model), rest)
    else {
      this.#stop()
      this.report = this.error = undefined
    }
  }

  async #ask(sources: readonly ClashSource[], model: string | undefined): Promise<void> {
    this.#stop()
    const task = (this.#task = crypto.randomUUID())
    const form = { sources: [...sources], ...(model === undefined ? {} : { model }), task }
    try {
      const report = await this.#newest(host.api.clash.report(form))
      // Overtaken by a later question.
      if (!report) return
      this.report = report
      this.error = undefined
    } catch (failure) {
      if (this.#task !== task) return
      this.report = undefined
      this.error = errorRecord(failure)
    }
    this.#task = undefined
    this.pending = false
  }

  /** Nobody waits for what was asked before. */
  #stop(): void {
    const task = this.#task
    this.#task = undefined
    if (task !== undefined) void host.attempt(() => host.api.app.stop({ task }))
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#stop()
  }
}
