// One studio a data folder: two would write each other's journals to pieces.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { holdLock } from '../places/held-lock.ts'

/** Milliseconds for one owner to follow another: until a new one has said who it is, the name is that of one before. */
const patience = 10_000

/** Who has the folder, for the others. Written by each new owner. */
export const lockFile = (folder: string): string => join(folder, 'studio.lock')

/** Takes the folder. The returned function gives it back. Throws `already-running` with the owner's process id, `not-lockable`, `not-writable` and the like. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  // Held and never removed: a file taken away under its lock would be locked twice. Nor read by us: POSIX lets go of a lock with any handle.
  const path = join(folder, 'host.lock')
  const name = lockFile(folder)
  let held = await lockAt(path)
  for (const until = performance.now() + patience; !held; held = await lockAt(path)) {
    const owner = Number(await readFile(name, 'utf8').catch(() => ''))
    if (isAlive(owner)) throw alreadyRunning(folder, owner)
    if (performance.now() > until) throw alreadyRunning(folder)
    await setTimeout(20)
  }
  const lock = held
  try {
    await writeFileAtomic(name, new TextEncoder().encode(String(process.pid)))
  } catch (error) {
    lock.close()
    throw error
  }
  return async () => {
    await rm(name, { force: true })
    lock.close()
  }
}

/** Nothing where another process, or another host in this one, has it. */
async function lockAt(path: string): Promise<DatabaseSync | undefined> {
  try {
    return holdLock(path)
  } catch (cause) {
    // Where nothing at all can be written, that is the reason.
    const trial = `${path}-trial`
    await writeFileAtomic(trial, new Uint8Array())
    await rm(trial, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PigmentError(
      'not-lockable',
      `Pigment cannot lock "${path}" (${why}), and so cannot tell whether it runs already. Choose a data folder (PIGMENT_HOME) on a disk of this machine; if it is on one, remove that file.`,
      { path, why },
      cause,
    )
  }
}

function alreadyRunning(folder: string, owner?: number): PigmentError {
  const who = owner === undefined ? 'another process' : `process ${owner}`
  return new PigmentError('already-running', `Pigment already runs on "${folder}" (${who}). Use that window, or end it first.`, {
    folder,
    ...(owner === undefined ? {} : { process: owner }),
  })
}

function isAlive(process_: number): boolean {
  if (!Number.isSafeInteger(process_) || process_ <= 0) return false
  try {
    process.kill(process_, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
