// The engine of other machines: operations are asked of it as of the one here, and are done by whichever worker takes them.
import { createHash } from 'node:crypto'
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { Caller } from '../processes/caller.ts'
import type { OperationEvent, OperationInput, OperationOutput } from '../processes/operation.ts'
import type { CallOptions, RunningCall } from '../processes/worker-process.ts'
import type { QueueAddress } from '../redis/address.ts'
import type { Carrier } from './carrier.ts'
import { carriers } from './carriers/index.ts'
import { connect, keyPrefix, queueName, reached } from '../redis/connection.ts'
import { inputName, ownName, type ContentStore } from './content-store.ts'
import { followCall, orLeft, orStopped, type Following } from './follow-call.ts'
import { Ledger, type Call } from './ledger.ts'
import { pack, type Parcel } from './parcel.ts'
import { holdFiles, sweepStore } from './references.ts'
import { sendTree, treeAt } from './tree.ts'

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
  readonly onPlace?: Following['onPlace']
  /** A call that was handed in before and how far it was heard of. It is gone on with from there; with `open`, whatever was done with it meanwhile. */
  readonly before?: { readonly call: string; readonly from: string; readonly open: boolean } | undefined
  /** Hears what a call is called, and how far it was heard of. */
  readonly onHeard?: (call: string, from: string) => void
  /** Hears that the queue does not answer, and that it does again. */
  readonly onAway?: (away: boolean) => void
  /** Files that were looked at and sent where the store lacked them, of how many. */
  readonly onSend?: (done: number, total: number) => void
  /** Cancels what was asked to pause, too. */
  readonly cancel?: AbortSignal
  /** Throws nothing for a server that does not answer: it is waited for. */
  readonly patient?: boolean
  /** Ends the waiting for it. */
  readonly signal?: AbortSignal
}

export class RemoteEngine implements Caller<EngineOperations> {
  readonly #options: RemoteEngineOptions
  readonly #client: Redis
  readonly #queue: Queue
  readonly #ledger: Ledger
  readonly #done: string[] = []
  #sweeping: Promise<void> = Promise.resolve()

  /** What closes its own connection does not tell of a queue that is away. */
  readonly #told: Told

  private constructor(options: RemoteEngineOptions, client: Redis, queue: Queue, told: Told) {
    this.#told = told
    this.#options = options
    this.#client = client
    this.#queue = queue
    this.#ledger = new Ledger(client)
  }

  /** Throws `queue-unreachable`, `queue-refused`. */
  static async open(options: RemoteEngineOptions): Promise<RemoteEngine> {
    const client = await connect(options.address)
    const told = { closed: false, away: false }
    const tell = (away: boolean) => (): void => {
      if (told.closed) return
      told.away = away
      options.onAway?.(away)
    }
    client.on('close', tell(true))
    client.on('ready', tell(false))
    await reached(client, options.address, options)
    const { Queue } = await import('bullmq')
    const queue = new Queue(queueName, { connection: client, prefix: keyPrefix })
    queue.on('error', () => undefined)
    return new RemoteEngine(options, client, queue, told)
  }

  /** What was done for it is here, and nobody will ask for it again: the queue and the store forget it. Soon, or not at all. */
  async forget(): Promise<void> {
    const { store } = this.#options
    const forget = async (call: string): Promise<void> => {
      const hashes = (await this.#ledger.forget(call)).flatMap(({ files }) => files.map(({ hash }) => hash))
      for (const hash of new Set(hashes)) await store.remove(ownName(call, hash))
    }
    await soon(Promise.all(this.#done.splice(0).map(forget)))
  }

  async close(): Promise<void> {
    if (!this.#told.away) await soon(this.#sweeping)
    this.#told.closed = true
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
    const { signal } = options
    const known = (this.#options.before?.open ? orLeft : orStopped)(this.#known(name, parcel, signal), signal)
    // The result of a call of this name is what its operation gave (`workOnCall`).
    const done = known.then(({ call, from }) => this.#follow(call, from, parcel.home, options as CallOptions<unknown>)) as Promise<
      OperationOutput<EngineOperations[Of]>
    >
    const notify = (word: string): void => void known.then(({ call }) => this.#ledger.say(call, word)).catch(() => undefined)
    return { done, notify, grant: () => undefined }
  }

  async #follow(call: string, from: string, home: string, { onEvent, signal }: CallOptions<unknown>): Promise<unknown> {
    const { store, onPlace, onHeard, cancel } = this.#options
    const given = { ledger: this.#ledger, store, home, onEvent, signal, cancel, onPlace, onHeard: (at: string) => onHeard?.(call, at) }
    const over = (): void => void (this.#sweeping = sweepStore(this.#client, store).catch(() => undefined))
    try {
      const value = await followCall(call, from, given)
      this.#done.push(call)
      return value
    } finally {
      if (signal?.reason !== 'closing') over()
    }
  }

  /** The call that this task is, and from where on it is to be followed. */
  async #known(name: string, parcel: Parcel, signal: AbortSignal | undefined): Promise<{ readonly call: string; readonly from: string }> {
    const { before, onHeard } = this.#options
    if (before?.open && (await this.#ledger.look(before.call, before.from))) return before
    const call = await this.#handIn(name, parcel, signal)
    // What was asked for is not what it was: its pictures changed, or the queue. Nobody waits for the earlier one any more.
    if (before && before.call !== call) await this.#ledger.ask(before.call, 'cancel')
    const from = before?.call === call ? before.from : ''
    onHeard?.(call, from)
    return { call, from }
  }

  async #handIn(operation: string, { task: packed, inputs: paths }: Parcel, signal: AbortSignal | undefined): Promise<string> {
    const { store, owner = '', title = operation, onSend } = this.#options
    const inputs = await Promise.all(paths.map((path, i) => treeAt(path, nameIn(packed, i))))
    const task = inGroup(packed, (whole) => hashOf([owner, operation, whole, inputs]))
    const id = hashOf([owner, operation, task, inputs])
    // One that is done needs none of its files.
    if ((await this.#ledger.stateOf(id)) === 'done') return id
    signal?.throwIfAborted()
    await holdFiles(
      this.#client,
      id,
      inputs.flatMap(({ files }) => files.map(({ hash }) => hash)),
    )
    const total = inputs.reduce((sum, { files }) => sum + files.length, 0)
    let sent = 0
    const before = (): void => {
      signal?.throwIfAborted()
      onSend?.(sent++, total)
    }
    for (const [i, path] of paths.entries()) await sendTree(store, path, inputs[i] ?? { name: '', files: [] }, inputName, before)
    signal?.throwIfAborted()
    const call: Call = { operation, title, task, inputs, store: store.shown }
    const { state, round } = await this.#ledger.submit(id, call)
    // Asked twice it is one ticket: whoever died between these two lines only has to ask again.
    if (state === 'queued' || state === 'running') await this.#queue.add('call', { call: id }, { jobId: `${id}.${round}`, attempts: 1000 })
    return id
  }
}

interface Told {
  closed: boolean
  away: boolean
}

/** Milliseconds that tidying up is waited for. */
const longestTidying = 5000
const soon = (work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work.catch(() => undefined), new Promise((done) => setTimeout(done, longestTidying).unref())])

const hashOf = (of: unknown): string => createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)

/** Those who train together are of one group where all but their ranks is alike. */
function inGroup(task: unknown, nameOf: (task: unknown) => string): unknown {
  const { together } = task as { readonly together?: { readonly size: number } }
  if (!together) return task
  const group = nameOf({ ...(task as object), together: { size: together.size } })
  return { ...(task as object), together: { ...together, group } }
}

/** As the task's mark has it: files keep their names, which stand in what is made of them. */
const nameIn = (task: unknown, at: number): string => JSON.stringify(task).match(new RegExp(`pigment-input:${at}/([^"]*)"`))?.[1] ?? 'input'
