// What Redis knows of each call: its task, its state, who works on it, and what came of it. Every change is one script, so that it happens whole; whoever
// works holds a fencing number that rises with every taking, and what comes with an older one is refused. Time is Redis's own.
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { keyPrefix } from '../redis/connection.ts'
import { forgottenAfter, releaseFunction } from './references.ts'
import { tree, type Tree } from './tree.ts'

export const callStates = ['queued', 'running', 'paused', 'cancelled', 'failed', 'done'] as const
export type CallState = (typeof callStates)[number]
/** What a person may ask of a call that runs. */
export type Asked = 'pause' | 'cancel'

const errorShape = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })

/** As it is handed in: nothing of it changes. */
export const callShape = z.object({
  operation: z.string(),
  title: z.string(),
  task: z.unknown(),
  inputs: z.array(tree),
  /** Where its files are, for who looks for them elsewhere. */
  store: z.string(),
})
export type Call = z.output<typeof callShape>

/** The newest checkpoint that is in the store, with what decides its bits beside the task. */
export const checkpointShape = z.object({ step: z.number(), folder: z.string(), tree })
export type KeptCheckpoint = z.output<typeof checkpointShape>
/** On what a call is computed from its first taking on: another worker of the same kind continues it to the same bytes. */
export const machineryShape = z.object({ provider: z.string(), threads: z.number() })
export type CallMachinery = z.output<typeof machineryShape>

export const resultShape = z.object({ value: z.unknown(), outputs: tree })
export type CallResult = z.output<typeof resultShape>

const toldFiles = z.object({ files: tree })

export interface Seen {
  readonly state: CallState
  readonly worker: string | undefined
  readonly result: CallResult | undefined
  readonly error: z.output<typeof errorShape> | undefined
  /** Events from the asked place on, and the place to ask from next. */
  readonly events: readonly unknown[]
  readonly next: string
}

export interface Taken {
  readonly fence: number
  readonly call: Call
  readonly checkpoint: KeptCheckpoint | undefined
  readonly machinery: CallMachinery | undefined
}

const mostEvents = 50_000

const scripts = {
  // A call that is there is left as it is, unless it was stopped: then it waits anew, with its checkpoint.
  submit: `
    local state = redis.call('HGET', KEYS[1], 'state')
    if not state then redis.call('HSET', KEYS[1], 'call', ARGV[1], 'at', redis.call('TIME')[1]) end
    if not state or state == 'paused' or state == 'cancelled' or state == 'failed' then
      redis.call('HSET', KEYS[1], 'state', 'queued', 'crashes', 0)
      redis.call('HDEL', KEYS[1], 'asked', 'error', 'worker')
      redis.call('HINCRBY', KEYS[1], 'round', 1)
      redis.call('PERSIST', KEYS[1])
      redis.call('PERSIST', KEYS[2])
      state = 'queued'
    end
    return { state, redis.call('HGET', KEYS[1], 'round') }`,
  take: `${releaseFunction}
    local state = redis.call('HGET', KEYS[1], 'state')
    if state ~= 'queued' and state ~= 'running' then return false end
    local asked = redis.call('HGET', KEYS[1], 'asked')
    if asked then
      local ended = asked == 'pause' and 'paused' or 'cancelled'
      redis.call('HSET', KEYS[1], 'state', ended)
      redis.call('HDEL', KEYS[1], 'asked', 'worker')
      if ended == 'cancelled' then release(ARGV[2]) end
      return false
    end
    redis.call('HSET', KEYS[1], 'state', 'running', 'worker', ARGV[1])
    local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
    return { fence, redis.call('HGET', KEYS[1], 'call'), redis.call('HGET', KEYS[1], 'checkpoint') or '', redis.call('HGET', KEYS[1], 'machinery') or '' }`,
  // Events, and what is known of it by now; gives what was asked meanwhile.
  tell: `
    if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'state') ~= 'running' then return false end
    for i = 3, #ARGV do redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[i]) end
    local words = redis.call('LRANGE', KEYS[3], 0, -1)
    redis.call('DEL', KEYS[3])
    return { redis.call('HGET', KEYS[1], 'asked') or '', unpack(words) }`,
  note: `
    if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
    return 1`,
  // Once: what is over stays as it is.
  finish: `${releaseFunction}
    if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
    redis.call('HSET', KEYS[1], 'state', ARGV[2])
    redis.call('HDEL', KEYS[1], 'asked', 'worker')
    if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) end
    redis.call('EXPIRE', KEYS[1], ARGV[5])
    redis.call('EXPIRE', KEYS[2], ARGV[5])
    if ARGV[2] == 'done' or ARGV[2] == 'cancelled' then release(ARGV[6]) end
    return 1`,
  // A worker's process died over it: gives how often that happened.
  crash: `
    if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
    return redis.call('HINCRBY', KEYS[1], 'crashes', 1)`,
  ask: `${releaseFunction}
    local state = redis.call('HGET', KEYS[1], 'state')
    if state == 'running' then
      redis.call('HSET', KEYS[1], 'asked', ARGV[1])
    elseif state == 'queued' or ((state == 'paused' or state == 'failed') and ARGV[1] == 'cancel') then
      redis.call('HSET', KEYS[1], 'state', ARGV[1] == 'pause' and 'paused' or 'cancelled')
      if ARGV[1] == 'cancel' then release(ARGV[2]) end
    end
    return state`,
} as const

type Script = keyof typeof scripts

export class Ledger {
  readonly #client: Redis
  constructor(client: Redis) {
    this.#client = client
  }

  /** Gives its state now and the number of its round: how often it was put into the queue. */
  async submit(id: string, call: Call): Promise<{ readonly state: CallState; readonly round: number }> {
    const [state, round] = (await this.#run('submit', id, JSON.stringify(call))) as [CallState, string]
    return { state, round: Number(round) }
  }

  /** Takes it for a worker; undefined where nothing is left to do. */
  async take(id: string, worker: string): Promise<Taken | undefined> {
    const found = (await this.#run('take', id, worker, id)) as [number, string, string, string] | null
    if (!found) return undefined
    const [fence, call, checkpoint, machinery] = found
    return {
      fence: Number(fence),
      call: callShape.parse(JSON.parse(call)),
      checkpoint: checkpoint === '' ? undefined : checkpointShape.parse(JSON.parse(checkpoint)),
      machinery: machinery === '' ? undefined : machineryShape.parse(JSON.parse(machinery)),
    }
  }

  /** Gives what a person asked and said meanwhile; undefined where the call is not this worker's any more. */
  async tell(
    id: string,
    fence: number,
    events: readonly unknown[],
  ): Promise<{ readonly asked: Asked | undefined; readonly words: readonly string[] } | undefined> {
    const heard = (await this.#run('tell', id, fence, mostEvents, ...events.map((event) => JSON.stringify(event)))) as string[] | null
    if (!heard) return undefined
    const [asked, ...words] = heard
    return { asked: asked === 'pause' || asked === 'cancel' ? asked : undefined, words }
  }

  /** Whether it was still this worker's to say. */
  async note(id: string, fence: number, what: 'checkpoint' | 'machinery', value: KeptCheckpoint | CallMachinery): Promise<boolean> {
    return (await this.#run('note', id, fence, what, JSON.stringify(value))) === 1
  }

  async finish(
    id: string,
    fence: number,
    state: CallState,
    told?: { readonly result: CallResult } | { readonly error: unknown },
  ): Promise<boolean> {
    const [[name, value] = ['', '']] = Object.entries(told ?? {})
    return (await this.#run('finish', id, fence, state, name, name === '' ? '' : JSON.stringify(value), forgottenAfter, id)) === 1
  }

  async crash(id: string, fence: number): Promise<number> {
    return Number(await this.#run('crash', id, fence))
  }

  async ask(id: string, what: Asked): Promise<CallState | undefined> {
    return ((await this.#run('ask', id, what, id)) as CallState | null) ?? undefined
  }

  /** Undefined where nothing is known of it. */
  async stateOf(id: string): Promise<CallState | undefined> {
    const state = await this.#client.hget(this.#keys(id)[0], 'state')
    return state === null ? undefined : z.enum(callStates).parse(state)
  }

  /** Nobody asks for it any more: gives what it left in the store, and forgets it. */
  async forget(id: string): Promise<Tree[]> {
    const [hash, stream] = this.#keys(id)
    const [result, checkpoint] = await this.#client.hmget(hash, 'result', 'checkpoint')
    // Samples of an earlier round are in no result.
    const told = (await this.#client.xrange(stream, '-', '+')).map(([, [, event = 'null']]) => toldFiles.safeParse(JSON.parse(event)).data)
    await this.#client.del(...this.#keys(id))
    return [
      ...(result ? [resultShape.parse(JSON.parse(result)).outputs] : []),
      ...told.flatMap((event) => (event ? [event.files] : [])),
      ...(checkpoint ? [checkpointShape.parse(JSON.parse(checkpoint)).tree] : []),
    ]
  }

  /** For the operation itself, such as `sample`. */
  async say(id: string, word: string): Promise<void> {
    await this.#client.rpush(this.#keys(id)[2], word)
  }

  /** Undefined where nothing is known of it. */
  async look(id: string, from: string): Promise<Seen | undefined> {
    const [hash, stream] = this.#keys(id)
    // The state first: what is over told all of its events before.
    const known = await this.#client.hmget(hash, 'state', 'worker', 'result', 'error')
    const [state, worker, result, error] = known
    if (!state) return undefined
    const found = await this.#client.xrange(stream, from === '' ? '-' : `(${from}`, '+', 'COUNT', 1000)
    return {
      state: z.enum(callStates).parse(state),
      worker: worker ?? undefined,
      result: result ? resultShape.parse(JSON.parse(result)) : undefined,
      error: error ? errorShape.parse(JSON.parse(error)) : undefined,
      events: found.map(([, [, event = 'null']]) => JSON.parse(event) as unknown),
      next: found.at(-1)?.[0] ?? from,
    }
  }

  #run(script: Script, id: string, ...words: readonly (string | number)[]): Promise<unknown> {
    return this.#client.eval(scripts[script], 3, ...this.#keys(id), ...words)
  }

  #keys(id: string): [hash: string, events: string, words: string] {
    return [`${keyPrefix}:call:${id}`, `${keyPrefix}:events:${id}`, `${keyPrefix}:words:${id}`]
  }
}
