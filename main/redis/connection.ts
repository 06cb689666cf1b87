// Connections to Redis. The libraries are loaded when a queue is asked for, and not before.
import type { Redis, RedisOptions } from 'ioredis'
import { PigmentError } from '../../engine/requests/error.ts'
import { engineVersion } from '../../engine/requests/version.ts'
import { withoutPassword, type QueueAddress } from './address.ts'

/** What two versions make of the same task may differ: they do not share a queue. */
export const queueName = `pigment-${engineVersion}`
/** Before every key. */
export const keyPrefix = 'pigment'

const longestWait = 2000

/** Connects when it is first used, and again for as long as it takes; commands wait meanwhile. Nothing is thrown for a server that is away. */
export async function connect(
  { host, port, username, password, database, encrypted }: QueueAddress,
  more: RedisOptions = {},
): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const client = new Redis({
    ...{ host, port, db: database, maxRetriesPerRequest: null, keepAlive: 10_000, connectTimeout: 5000 },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(encrypted ? { tls: { servername: host } } : {}),
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 8), longestWait),
    reconnectOnError: (error) => /^READONLY/.test(error.message),
    ...more,
  })
  // Each command tells its own failure; without a listener the process would end.
  client.on('error', () => undefined)
  return client
}

/** Milliseconds that a person waits for a server that does not answer. */
const usualPatience = 10_000

interface Reaching {
  readonly patience?: number
  /** A server that does not answer is waited for without an end. */
  readonly patient?: boolean
  readonly signal?: AbortSignal | undefined
}

/** Throws `queue-unreachable` and `queue-refused` where no server answers in time: for who asks, and can ask again. */
export async function reached(
  client: Redis,
  { shown }: QueueAddress,
  { patience = usualPatience, patient = false, signal }: Reaching = {},
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let last: Error | undefined
  let stop = (): void => undefined
  const hear = (error: Error): void => void (last = error)
  client.on('error', hear)
  const late = new Promise<never>((_done, fail) => {
    const giveUp = (): void => {
      const why = unreachable(shown, last)
      if (patient && why.code === 'queue-unreachable') timer = setTimeout(giveUp, patience)
      else fail(why)
    }
    timer = setTimeout(giveUp, patience)
    stop = () => fail(unreachable(shown, last))
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
  })
  try {
    await Promise.race([client.ping(), late])
  } catch (error) {
    client.disconnect()
    throw error instanceof PigmentError ? error : refused(shown, error)
  } finally {
    clearTimeout(timer)
    client.off('error', hear)
    signal?.removeEventListener('abort', stop)
  }
}

function unreachable(shown: string, last: Error | undefined): PigmentError {
  if (last && /WRONGPASS|NOAUTH|NOPERM/.test(last.message)) return refused(shown, last)
  const why = last ? withoutPassword(last.message) : 'no answer'
  return new PigmentError(
    'queue-unreachable',
    `The queue at ${shown} does not answer (${why}). Is Redis running there, and reachable from here?`,
    { address: shown, why },
  )
}

function refused(shown: string, error: unknown): PigmentError {
  const why = withoutPassword(error instanceof Error ? error.message : String(error))
  return new PigmentError(
    'queue-refused',
    `The queue at ${shown} refused: ${why}. Check user and password (PIGMENT_QUEUE keeps them out of the command line).`,
    { address: shown, why },
  )
}
