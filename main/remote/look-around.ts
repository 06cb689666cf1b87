// Whether a queue and its store are as they must be, and who listens: what a person asks before the first job.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { engineVersion } from '../../engine/requests/version.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { QueueLook } from '../api/methods/workers.ts'
import type { QueueAddress } from '../redis/address.ts'
import { connect, keyPrefix, queueName, reached } from '../redis/connection.ts'
import { hashOfFile, verified, type ContentStore } from './content-store.ts'

/** Milliseconds: a person waits for it. */
const patience = 4000

/** Throws `queue-unreachable`, `queue-refused`, and what is wrong with the store. */
export async function lookAround(address: QueueAddress, store: ContentStore): Promise<QueueLook> {
  const client = await connect(address)
  try {
    await reached(client, address, { patience })
    await tryStore(store)
    const names = await clientNames(client)
    const workers = names && workersIn(names)
    const versions = names && otherVersions(names)
    const problem = workers?.length === 0 ? nobody(address, versions ?? []) : null
    return { workers, problem: problem && errorRecord(problem) }
  } finally {
    client.disconnect()
  }
}

/** Writes something, reads it back, and takes it away. Throws `store-not-there`, `store-read-only`, and what the store says itself. */
export async function tryStore(store: ContentStore): Promise<void> {
  await store.look?.()
  const folder = await mkdtemp(join(tmpdir(), 'pigment-trial-'))
  const name = `trial/${randomBytes(8).toString('hex')}`
  try {
    const file = join(folder, 'trial')
    await writeFile(file, name)
    await store.put(name, file).catch((error: unknown) => {
      const { code, message } = errorRecord(error)
      throw code === 'not-writable' || code === 'unexpected' ? readOnly(store, message) : error
    })
    const { hash } = await hashOfFile(file)
    for await (const _piece of verified(store, name, hash));
  } finally {
    await store.remove(name).catch(() => undefined)
    await rm(folder, { recursive: true, force: true })
  }
}

const readOnly = ({ shown }: ContentStore, why: string): PigmentError =>
  new PigmentError('store-read-only', `Nothing can be written into ${shown}: ${why} Files of jobs must be left there for the workers.`, {
    store: shown,
    why,
  })

/** What each connection of the server calls itself; undefined where the server does not tell. */
async function clientNames(client: Redis): Promise<readonly string[] | null> {
  try {
    const list = (await client.client('LIST')) as string
    return list.split('\n').flatMap((line) => / name=(\S+)/.exec(line)?.[1] ?? [])
  } catch {
    return null
  }
}

/** As the queue's own connections are called: prefix, name of the queue, and who listens. */
const listening = new RegExp(`^${keyPrefix}:([A-Za-z0-9+/=]+)(?::w:(.*))?$`)
const told = (names: readonly string[]): { readonly queue: string; readonly worker: string }[] =>
  names.flatMap((name) => {
    const [, queue, worker] = listening.exec(name) ?? []
    return queue === undefined || worker === undefined ? [] : [{ queue: Buffer.from(queue, 'base64').toString(), worker }]
  })
const workersIn = (names: readonly string[]): string[] => [
  ...new Set(told(names).flatMap(({ queue, worker }) => (queue === queueName ? [worker] : []))),
]
/** Versions of workers that take nothing from us. */
const otherVersions = (names: readonly string[]): string[] => [
  ...new Set(told(names).flatMap(({ queue }) => (queue !== queueName && /^pigment-/.test(queue) ? [queue.slice('pigment-'.length)] : []))),
]

function nobody({ shown }: QueueAddress, versions: readonly string[]): PigmentError {
  const start = `pigment worker --queue ${shown} --store …`
  if (versions.length > 0)
    return new PigmentError(
      'worker-version',
      `Workers of version ${versions.join(', ')} listen at ${shown}, and this is version ${engineVersion}: they take only what their own version hands in. Update them, or this.`,
      { address: shown, versions: versions.join(', '), own: engineVersion },
    )
  return new PigmentError(
    'worker-none',
    `The queue and the store are ready, but no worker listens at ${shown}. Start one there: ${start}`,
    {
      address: shown,
      start,
    },
  )
}
