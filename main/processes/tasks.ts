// Long methods that their caller can watch and stop.
import { PigmentError } from '../../engine/requests/error.ts'
import type { Announcer } from './announcer.ts'

export interface Task {
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number, what: string) => void
}

const atMostEvery = 100

export class Tasks {
  readonly #running = new Map<string, AbortController>()
  readonly #announcer: Announcer
  constructor(announcer: Announcer) {
    this.#announcer = announcer
  }

  /** Runs `work` under the caller's name for it. An abort becomes `cancelled`. */
  async run<T>(name: string | undefined, work: (task: Task) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    if (name) this.#running.set(name, controller)
    let told = 0
    const progress = (done: number, total: number, what: string): void => {
      const now = performance.now()
      if (!name || (done < total && now - told < atMostEvery)) return
      told = now
      this.#announcer.announce('task', { task: name, done, total, what })
    }
    try {
      return await work({ signal: controller.signal, progress })
    } catch (error) {
      if (controller.signal.aborted) throw new PigmentError('cancelled', 'Stopped. Nothing was changed halfway.', {}, error)
      throw error
    } finally {
      if (name && this.#running.get(name) === controller) this.#running.delete(name)
    }
  }

  stop(name: string): void {
    this.#running.get(name)?.abort()
  }

  stopAll(): void {
    for (const controller of this.#running.values()) controller.abort()
  }
}
