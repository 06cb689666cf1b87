// Where the queue is. Its password is never told: not in errors, not in records, not in the line that says how to go on.
import { PigmentError } from '../../engine/requests/error.ts'

export interface QueueAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly database: number
  readonly encrypted: boolean
  /** As it may be shown. */
  readonly shown: string
}

/** `redis://[user[:password]@]host[:port][/database]`, or `rediss://` through TLS. Throws `queue-address`. */
export function parseQueueAddress(text: string): QueueAddress {
  const shown = withoutPassword(text)
  const refuse = (why: string): PigmentError =>
    new PigmentError('queue-address', `"${shown}" is no address of a queue: ${why}. Give one such as redis://localhost:6379.`, {
      address: shown,
    })
  if (!URL.canParse(text)) throw refuse('it cannot be read')
  const url = new URL(text)
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw refuse('it begins with neither redis:// nor rediss://')
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1]
  if (database === undefined) throw refuse('what follows the host is not the number of a database')
  if (url.hostname === '') throw refuse('it names no host')
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 6379),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    database: Number(database || 0),
    encrypted: url.protocol === 'rediss:',
    shown,
  }
}

/** A text in which addresses keep their user and lose their password: everything from the first colon after `//` to the last `@` before the host. */
export function withoutPassword(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^:@/\s'"]*):[^\s'"]*@/gi, '$1:…@')
}
