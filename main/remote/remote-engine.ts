// The engine of other machines: operations are asked of it as of the one here, and are done by whichever worker takes them.
import { createHash } from 'node:crypto'
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { PigmentError } from '../../engine/requests/error.ts'
import { reviveError } from '../api/revive-error.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { Caller } from '../processes/caller.ts'
import type { OperationEvent, OperationInput, OperationOutput } from '../processes/operation.ts'
import type { CallOptions, RunningCall } from '../processes/worker-process.ts'
import type { QueueAddress } from '../redis/address.ts'
import type { Carrier } from './carrier.ts'
import { carriers } from './carriers/index.ts'
import { connect, keyPrefix, queueName, reached } from '../redis/connection.ts'
import { inputName, ownName, type ContentStore } from './content-store.ts'
import { Ledger, type Asked, type Call, type CallState, type Seen } from './ledger.ts'
import { pack, unpack, type Parcel } from './parcel.ts'
import { fetchTree, sendTree, treeAt } from './tree.ts'
import type { ToldEvent } from './work-on-call.ts'

type Name = keyof EngineOperations & string

export interface RemoteEngineOptions {
  readonly address: QueueAddress
  readonly store: ContentStore
  /** Does what is not for a queue. */
  readonly here: Caller<EngineOperations>
  /** Distinguishes calls that are alike: without it the same task is the same call, which is gone on with, or done already. */
  readonly owner?: string
  readonly title?: string
  /** Hears who works on it, and that it waits. */
  readonly onPlace?: (place: { readonly state: CallState; readonly worker: string | undefined }) => void
}

/** Milliseconds between two looks. */
const pace = 300

export class RemoteEngine implements Caller<EngineOperations> {
  readonly #options: RemoteEngineOptions
  readonly #client: Redis
  readonly #queue: Queue
  readonly #ledger: Ledger

  private constructor(options: RemoteEngineOptions, client: Redis, queue: Queue) {
    this.#options = options
    this.#client = client
    this.#queue = queue
    this.#ledger = new Ledger(client)
  }

  /** Throws `queue-unreachable`, `queue-refused`. */
  static async open(options: RemoteEngineOptions): Promise<RemoteEngine> {
    const client = await connect(options.address)
    await reached(client, options.address)
    const { Queue } = await import('bullmq')
    const queue = new Queue(queueName, { connection: client, prefix: keyPrefix })
    queue.on('error', () => undefined)
    return new RemoteEngine(options, client, queue)
  }

  async close(): Promise<void> {
    await this.#queue.close()
    this.#client.disconnect()
  }

  call<Of extends Name>(
    name: Of,
    input: OperationInput<EngineOperations[Of]>,
    options: CallOptions<OperationEvent<EngineOperations[Of]>> = {},
  ): Promise<OperationOutput<EngineOperations[Of]>> {
    return this.start(name, input, options).done
  }

  /** Asked to stop, a call pauses with its checkpoint; `at-once`, it is cancelled. */
  start<Of extends Name>(
    name: Of,
    input: OperationInput<EngineOperations[Of]>,
    options: CallOptions<OperationEvent<EngineOperations[Of]>> = {},
  ): RunningCall<OperationOutput<EngineOperations[Of]>> {
    const carrier = (carriers as unknown as Readonly<Record<string, Carrier<unknown> | undefined>>)[name]
    if (!carrier) return { done: this.#options.here.call(name, input, options), notify: () => undefined, grant: () => undefined }
    const parcel = pack(input as unknown, carrier)
    const id = this.#handIn(name, parcel)
    // The result of a call of this name is what its operation gave (`workOnCall`).
    const done = id.then((known) => this.#follow(known, parcel.home, options as CallOptions<unknown>)) as Promise<
      OperationOutput<EngineOperations[Of]>
    >
    return { done, notify: (word) => void id.then((known) => this.#ledger.say(known, word)).catch(() => undefined), grant: () => undefined }
  }

  async #handIn(operation: string, { task: packed, inputs: paths }: Parcel): Promise<string> {
    const { store, owner = '', title = operation } = this.#options
    const inputs = await Promise.all(paths.map((path, i) => treeAt(path, nameIn(packed, i))))
    const task = inGroup(packed, (whole) => hashOf([owner, operation, whole, inputs]))
    const id = hashOf([owner, operation, task, inputs])
    for (const [i, path] of paths.entries()) await sendTree(store, path, inputs[i] ?? { name: '', files: [] }, inputName)
    const call: Call = { operation, title, task, inputs, store: store.shown }
    const { state, round } = await this.#ledger.submit(id, call)
    // Asked twice it is one ticket: whoever died between these two lines only has to ask again.
    if (state === 'queued' || state === 'running') await this.#queue.add('call', { call: id }, { jobId: `${id}.${round}`, attempts: 1000 })
    return id
  }

  async #follow(id: string, home: string, { onEvent, signal }: CallOptions<unknown>): Promise<unknown> {
    const { store, onPlace } = this.#options
    const nameOf = (hash: string): string => ownName(id, hash)
    const ask = (): void => void this.#ledger.ask(id, stopOf(signal)).catch(() => undefined)
    if (signal?.aborted) ask()
    signal?.addEventListener('abort', ask, { once: true })
    try {
      for (let [next, place] = ['', '']; ;) {
        const seen = await this.#ledger.look(id, next)
        if (!seen) throw forgotten(id)
        next = seen.next
        const now = `${seen.state} ${seen.worker ?? ''}`
        if (now !== place) onPlace?.({ state: seen.state, worker: seen.worker })
        place = now
        for (const told of seen.events as readonly ToldEvent[]) {
          // A picture that cannot be fetched costs the news of it, not the run.
          const here = await (told.files ? fetchTree(store, home, told.files, nameOf) : Promise.resolve()).then(
            () => true,
            () => false,
          )
          if (here) onEvent?.(unpack(told.event, [], home))
        }
        if (seen.events.length === 0 && isOver(seen.state)) return await this.#resultOf(id, seen, home)
        if (seen.events.length === 0) await new Promise((done) => setTimeout(done, pace))
      }
    } finally {
      signal?.removeEventListener('abort', ask)
    }
  }

  async #resultOf(id: string, { state, result, error }: Seen, home: string): Promise<unknown> {
    if (state === 'failed' && error) throw reviveError(error)
    if (state !== 'done' || !result)
      throw new PigmentError(
        'cancelled',
        state === 'paused' ? 'Stopped, with its checkpoint kept in the store. The same command continues.' : 'Cancelled.',
        { call: id, state, ...(state === 'paused' ? { runFolder: this.#options.store.shown } : {}) },
      )
    await fetchTree(this.#options.store, home, result.outputs, (hash) => ownName(id, hash))
    return unpack(result.value, [], home)
  }
}

const hashOf = (of: unknown): string => createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)

/** Those who train together are of one group where all but their ranks is alike. */
function inGroup(task: unknown, nameOf: (task: unknown) => string): unknown {
  const { together } = task as { readonly together?: { readonly size: number } }
  if (!together) return task
  const group = nameOf({ ...(task as object), together: { size: together.size } })
  return { ...(task as object), together: { ...together, group } }
}

const isOver = (state: CallState): boolean => state !== 'queued' && state !== 'running'

const stopOf = (signal: AbortSignal | undefined): Asked => (signal?.reason === 'at-once' ? 'cancel' : 'pause')

/** As the task's mark has it: files keep their names, which stand in what is made of them. */
const nameIn = (task: unknown, at: number): string => JSON.stringify(task).match(new RegExp(`pigment-input:${at}/([^"]*)"`))?.[1] ?? 'input'

const forgotten = (call: string): PigmentError =>
  new PigmentError(
    'queue-forgot',
    'The queue does not know this job any more: its data were removed, or lost by a server that does not write to disk. Submit it again.',
    { call },
  )
