// The queue: in each lane one job at a time, in an order that a person can change, on disk before anything runs.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import { Journal } from '../stores/journal.ts'
import { ended, turned } from './ended.ts'
import { besides, drawsWith, isActive, isElsewhere, isOver, job as schema, laneOf, type Job, type Work } from './job.ts'
import type { AddOptions, QueueOptions } from './queue-options.ts'
import { orderAt } from './order.ts'
import { Turns, type AtTurn, type Turn } from './turns.ts'

/** Progress goes to disk this often; it is only for show, the checkpoints are the engine's. */
const saveEvery = 2000
const usualStanding = 30 * 60_000

export class Queue {
  readonly #journal: Journal<typeof schema>
  readonly #options: QueueOptions
  readonly #turns = new Turns()
  #held = false
  #closed = false

  private constructor(journal: Journal<typeof schema>, options: QueueOptions) {
    this.#journal = journal
    this.#options = options
  }

  /** Reads the journal. What was running here when the last session ended is `interrupted`; what others do is gone on with. */
  static async open(options: QueueOptions): Promise<Queue> {
    const journal = await Journal.open(join(options.folder, 'jobs.jsonl'), schema)
    for (const one of journal.values())
      if (isActive(one) && !isElsewhere(one))
        await journal.set(one.id, { ...one, state: one.state === 'cancelling' ? 'cancelled' : 'interrupted', endedAt: Date.now() })
    return new Queue(journal, options)
  }

  /** Begins to work. Apart from `open`, so that who listens can be there first. */
  start(): void {
    this.#next()
  }

  /** Running, then waiting in their order, then the rest, the newest first. */
  list(): Job[] {
    const jobs = this.#journal.values()
    return [
      ...jobs.filter(isActive),
      ...this.waiting(),
      ...jobs
        .filter((one) => !isActive(one) && one.state !== 'queued')
        .sort((a, b) => (b.endedAt ?? b.createdAt) - (a.endedAt ?? a.createdAt)),
    ]
  }
  waiting(): Job[] {
    return this.#journal
      .values()
      .filter(({ state }) => state === 'queued')
      .sort((a, b) => a.order - b.order)
  }

  /** Throws `job-unknown`. */
  get(id: string): Job {
    const found = this.#journal.get(id)
    if (found) return found
    throw new PigmentError('job-unknown', 'This job is not in the list any more.', { job: id })
  }
  get held(): boolean {
    return this.#held
  }
  /** Whether it is paused and has what it needs in memory. */
  stands(id: string): boolean {
    return this.#turns.get(id)?.goOn !== undefined
  }

  async add(title: string, work: Work, steps: number, { front = false, on = 'here' }: AddOptions = {}): Promise<Job> {
    const id = `j${Date.now().toString(36)}${randomBytes(5).toString('hex')}`
    const made = schema.parse({
      id,
      title,
      state: 'queued',
      order: this.#place(front ? 0 : Infinity),
      work,
      steps,
      on,
      createdAt: Date.now(),
    })
    await this.#set(made)
    this.#next()
    return made
  }

  async move(id: string, before: string | null): Promise<void> {
    const moved = this.get(id)
    if (moved.state !== 'queued') throw new PigmentError('job-not-waiting', 'Only a waiting job can change its place.', { job: id })
    const others = this.waiting().filter((one) => one.id !== id)
    const at = before === null ? others.length : others.findIndex((one) => one.id === before)
    await this.#set({ ...moved, order: this.#place(at < 0 ? others.length : at, others) })
  }

  /** A running training writes a checkpoint, and stands still once it is prepared, or stops before; a waiting job waits for its person. Asked twice it is as asked once. */
  async pause(id: string): Promise<Job> {
    const one = this.get(id)
    if (one.state === 'pausing' || one.state === 'paused') return one
    if (one.state === 'queued') return this.#set({ ...one, state: 'paused' })
    if (one.state !== 'running') throw new PigmentError('job-not-running', 'This job does not run now.', { job: id })
    const now = await this.#set({ ...one, state: 'pausing' })
    const turn = this.#turns.get(id)
    if (turn?.pause) turn.pause()
    else turn?.controller.abort()
    return now
  }

  /** Puts a stopped job first among those that wait, but for pictures of what it learnt until now. One that waits or runs already is left as it is. */
  async resume(id: string): Promise<Job> {
    const one = this.get(id)
    if (one.state === 'queued' || one.state === 'running') return one
    if (isActive(one) || one.state === 'done')
      throw new PigmentError('job-not-stopped', 'This job is being stopped, or is done.', { job: id })
    const { error: _error, ...rest } = one
    const turn = this.#turns.get(id)
    if (turn) turn.leaving = undefined
    const before = this.waiting().findLastIndex(({ work }) => drawsWith(work, id)) + 1
    const now = await this.#set({ ...rest, state: 'queued', order: this.#place(before), endedAt: null })
    this.#next()
    return now
  }

  async cancel(id: string): Promise<Job> {
    const one = this.get(id)
    if (isOver(one)) return one
    const turn = this.#turns.get(id)
    if (!turn && !isActive(one)) return this.#set({ ...one, state: 'cancelled', endedAt: Date.now() })
    const now = await this.#set({ ...one, state: 'cancelling' })
    // Others do it, and nobody here follows it yet.
    if (!turn) return now
    turn.atOnce.abort()
    if (turn.goOn) this.#turns.letGo(turn, 'at-once')
    else turn.controller.abort('at-once')
    return now
  }

  /** What a person calls it. */
  async rename(id: string, title: string): Promise<Job> {
    return this.#set({ ...this.get(id), title })
  }

  /** Takes one that is stopped or over off the list, whole, to be brought back. Throws `job-running`. */
  async take(id: string): Promise<Job> {
    const one = this.get(id)
    await this.#remove(one)
    return one
  }
  /** What was taken, as it was; one that waited waits for its person. */
  async bring(taken: unknown): Promise<Job> {
    const one = schema.parse(taken)
    return this.#set(one.state === 'queued' ? { ...one, state: 'paused' } : one)
  }

  async clear(id?: string): Promise<void> {
    for (const one of this.#journal.values()) {
      if (id === undefined ? !isOver(one) : one.id !== id) continue
      await this.#remove(one)
    }
  }
  async #remove(one: Job): Promise<void> {
    if (isActive(one)) throw new PigmentError('job-running', 'A running job must be cancelled first.', { job: one.id })
    const turn = this.#turns.get(one.id)
    if (turn) this.#turns.letGo(turn, 'at-once')
    await turn?.done
    await this.#journal.delete(one.id)
    this.#options.changed(one, true)
  }

  hold(held: boolean): void {
    this.#held = held
    this.#next()
  }

  /** Stops what runs, with its checkpoint, and leaves it `interrupted`. */
  async close(): Promise<void> {
    this.#closed = true
    const turns = this.#turns.all()
    const [standing, working] = [turns.filter(({ goOn }) => goOn), turns.filter(({ goOn }) => !goOn)]
    for (const { controller } of working) controller.abort('closing')
    await Promise.all(working.map(({ done }) => done))
    // Who worked may have used what these have.
    for (const turn of standing) this.#turns.drop(turn, 'closing')
    await Promise.all(standing.map(({ done }) => done))
    await this.#journal.close()
  }

  #place(at: number, others = this.waiting()): number {
    return orderAt(at, others)
  }

  async #set(one: Job): Promise<Job> {
    await this.#journal.set(one.id, one)
    this.#options.changed(one)
    return one
  }

  /** Where not even this can be written, memory still knows; the next start finds it as it was before, and calls what ran interrupted. */
  async #keep(one: Job): Promise<void> {
    await this.#set(one).catch(() => {
      this.#journal.remember(one.id, one)
      this.#options.changed(one)
    })
  }

  /** The first of each lane that is free. Who stands still there in its way lets go first. */
  #next(): void {
    if (this.#held || this.#closed) return
    const blocked = new Set<string>()
    // What others do, and an earlier session followed, comes first.
    const left = this.#journal.values().filter((one) => isActive(one) && isElsewhere(one))
    for (const one of [...left, ...this.waiting()]) {
      const lane = laneOf(one)
      if (blocked.has(lane) || this.#turns.busy(lane)) continue
      const standing = this.#turns.standing(lane)
      const own = standing.find(({ id }) => id === one.id)
      const inTheWay = standing.filter(({ id }) => id !== one.id && !besides(one, this.get(id)))
      for (const turn of inTheWay) this.#turns.letGo(turn, 'memory')
      if (inTheWay.length > 0) blocked.add(lane)
      else if (own) this.#goOn(one, own)
      else this.#begin(one, lane)
    }
  }

  #begin(one: Job, lane: string): void {
    const [controller, atOnce] = [new AbortController(), new AbortController()]
    const done = this.#run(one, controller.signal, atOnce.signal).finally(() => {
      this.#turns.end(one.id)
      this.#next()
    })
    this.#turns.add({ id: one.id, lane, controller, atOnce, done })
    // As an earlier session was asked to.
    if (one.state === 'pausing') controller.abort()
    if (one.state === 'cancelling') controller.abort('at-once')
  }

  /** What stood still works again. */
  #goOn(one: Job, turn: Turn): void {
    const { goOn } = turn
    turn.goOn = undefined
    clearTimeout(turn.timer)
    void this.#keep({ ...one, state: 'running', endedAt: null })
    goOn?.()
  }

  async #standStill(id: string, goOn: () => void): Promise<void> {
    const [turn, one] = [this.#turns.get(id), this.get(id)]
    // Meanwhile it was cancelled, or the queue is closed.
    if (!turn || turn.controller.signal.aborted || one.state !== 'pausing') return
    this.#turns.stand(turn, goOn, this.#options.standing ?? usualStanding)
    await this.#keep({ ...one, state: 'paused', endedAt: Date.now(), eta: null })
    this.#next()
  }

  /** Of the lane that the job is in. */
  async #alone(id: string): Promise<void> {
    const standing = this.#turns.standing(this.#turns.get(id)?.lane ?? '')
    for (const turn of standing) this.#turns.drop(turn, 'memory')
    await Promise.all(standing.map(({ done }) => done))
  }

  async #run(first: Job, signal: AbortSignal, atOnce: AbortSignal): Promise<void> {
    const { id } = first
    let saved = Date.now()
    const update = (part: Partial<Job>): void => {
      const now = { ...this.get(id), ...part }
      const save = Date.now() - saved > saveEvery
      if (save) saved = Date.now()
      // A full disk must not stop the work that is under way.
      if (save) void this.#journal.set(id, now).catch(() => undefined)
      else this.#journal.remember(id, now)
      this.#options.changed(now)
    }
    try {
      if (!isActive(first)) {
        await this.#set({ ...first, state: 'running', startedAt: first.startedAt ?? Date.now(), endedAt: null, eta: null, preparing: null })
        if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before it began.', { job: id })
      }
      const turn: AtTurn = {
        atOnce,
        pausable: (ask) => void Object.assign(this.#turns.get(id) ?? {}, { pause: ask }),
        standStill: (goOn) => this.#standStill(id, goOn),
        alone: () => this.#alone(id),
        awaited: () => !this.#held && this.waiting().some((one) => one.id !== id && laneOf(one) === laneOf(first)),
      }
      const result = await this.#options.run(this.get(id), update, signal, turn)
      await this.#set(turned({ ...this.get(id), ...result }, { behind: this.#place(Infinity), stopped: signal.aborted }))
    } catch (error) {
      const turn = this.#turns.get(id)
      if (turn) turn.goOn = undefined
      // Whoever does it goes on; the next session follows it from where this one leaves.
      const left = signal.reason === 'closing' && isElsewhere(first)
      const now = left ? this.get(id) : ended(this.get(id), errorRecord(error), signal.aborted)
      await this.#keep(now)
    }
  }
}
