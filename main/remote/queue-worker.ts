// A worker of a queue: takes one call after another, for as long as it lives. What it does not finish goes back, and another goes on from its checkpoint.
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { Job, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { connect, keyPrefix, queueName } from '../redis/connection.ts'
import { HeldCall } from './held-call.ts'
import { Ledger, type Taken } from './ledger.ts'
import { sweepStore } from './references.ts'
import { workOnCall, type WorkPlace } from './work-on-call.ts'

export interface QueueWorkerOptions extends Omit<WorkPlace, 'ledger'> {
  /** As Jobs shows it. */
  readonly name: string
  /** Milliseconds for which a call is held without a sign of life; then it is given to another. */
  readonly lock?: number
  readonly onCall?: (what: { readonly id: string; readonly title: string; readonly state: string }) => void
}

interface Ticket {
  readonly call: string
}

/** So often a call may end the process that computes it before it counts as failed. */
const mostCrashes = 3
const lost = new Set(['worker-died', 'worker-silent'])

export class QueueWorker {
  readonly #options: QueueWorkerOptions
  readonly #clients: readonly Redis[]
  readonly #ledger: Ledger
  readonly #worker: Worker<Ticket>
  #held: HeldCall | undefined
  #closing = false

  private constructor(
    options: QueueWorkerOptions,
    clients: readonly [Redis, Redis],
    worker: (take: QueueWorker['take']) => Worker<Ticket>,
  ) {
    this.#options = options
    this.#clients = clients
    this.#ledger = new Ledger(clients[0])
    this.#worker = worker(this.take)
    // A queue that is away is waited for.
    this.#worker.on('error', () => undefined)
  }

  static async open(options: QueueWorkerOptions): Promise<QueueWorker> {
    const { Worker } = await import('bullmq')
    const clients = [await connect(options.address), await connect(options.address)] as const
    const { lock = 30_000 } = options
    return new QueueWorker(
      options,
      [...clients],
      (take) =>
        new Worker<Ticket>(queueName, take, {
          connection: clients[1],
          prefix: keyPrefix,
          name: options.name,
          lockDuration: lock,
          stalledInterval: Math.max(100, lock / 2),
          // However often its workers die under it, a call is not lost; what kills them is counted by us.
          maxStalledCount: 1_000_000,
          // Renewed by `HeldCall`.
          skipLockRenewal: true,
          runRetryDelay: 500,
          removeOnComplete: { count: 0 },
          removeOnFail: { count: 0 },
        }),
    )
  }

  /** Stops what runs with its checkpoint and gives it back; takes nothing more. */
  async close(): Promise<void> {
    this.#closing = true
    this.#held?.close()
    await this.#worker.close()
    for (const client of this.#clients) client.disconnect()
  }

  /** One ticket to its end. */
  readonly take = async (ticket: Job<Ticket>, token = ''): Promise<void> => {
    const { name, lock = 30_000, onCall } = this.#options
    const { call: id } = ticket.data
    const taken = await this.#ledger.take(id, name)
    if (!taken) return
    const held = new HeldCall({
      ...{ ledger: this.#ledger, id, fence: taken.fence, pace: Math.min(250, lock / 8), renewal: lock / 4 },
      renew: () => ticket.extendLock(token, lock),
    })
    this.#held = held
    if (this.#closing) held.close()
    const { title } = taken.call
    onCall?.({ id, title, state: 'running' })
    try {
      await this.#end(ticket, token, held, await this.#work(taken, held))
      onCall?.({ id, title, state: held.lost ? 'lost' : 'over' })
    } finally {
      this.#held = undefined
      held.end()
      // Who asked may be gone: what its call alone needed is taken away by either of them.
      void sweepStore(this.#clients[0] as Redis, this.#options.store).catch(() => undefined)
    }
  }

  /** Gives what is left to say to the queue. */
  async #work(taken: Taken, held: HeldCall): Promise<'over' | 'again' | 'back'> {
    const { id, fence } = held
    try {
      const result = await workOnCall(taken, { ...this.#options, ledger: this.#ledger }, held)
      await this.#ledger.finish(id, fence, 'done', { result })
      return 'over'
    } catch (error) {
      if (held.lost) return 'over'
      const record = errorRecord(error)
      if (held.asked === 'close') return 'back'
      if (held.asked) await this.#ledger.finish(id, fence, held.asked === 'pause' ? 'paused' : 'cancelled')
      else if (lost.has(record.code) && (await this.#ledger.crash(id, fence)) < mostCrashes) return 'again'
      else await this.#ledger.finish(id, fence, 'failed', { error: { ...record, facts: { ...record.facts, stack: undefined } } })
      return 'over'
    }
  }

  async #end(ticket: Job<Ticket>, token: string, held: HeldCall, how: 'over' | 'again' | 'back'): Promise<void> {
    if (how === 'over') return
    if (how === 'again')
      throw new PigmentError('worker-died', 'The process that computes ended. The call is tried again.', { call: held.id })
    const { WaitingError } = await import('bullmq')
    await ticket.moveToWait(token)
    throw new WaitingError()
  }
}
