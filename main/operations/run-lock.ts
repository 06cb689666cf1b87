// One process a run: two would write each other's checkpoints to pieces, and the first to end would take the other's away.
import { createHash } from 'node:crypto'
import { mkdir, realpath, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { PigmentError } from '../../engine/requests/error.ts'
import { holdLock } from '../places/held-lock.ts'

/** Milliseconds for a process that was just ended to let go. */
const usualPatience = 3_000

/** Takes the folder of a run until it is disposed of. Throws `run-in-use` where another training has it. */
export async function holdRunFolder(folder: string, patience = usualPatience): Promise<AsyncDisposable> {
  const path = await lockOf(folder)
  for (const until = performance.now() + patience; ; await setTimeout(50)) {
    const lock = heldOrUnlockable(path)
    if (lock)
      return {
        async [Symbol.asyncDispose]() {
          // One that waits for this very file is refused or begins after it: what is written is written.
          await rm(path, { force: true }).catch(() => undefined)
          lock.close()
        },
      }
    if (performance.now() >= until) throw inUse(folder)
  }
}

/** Beside nothing of the user's: a run leaves in its folder what it needs to go on, and no more. Two ways to one folder are one. */
async function lockOf(folder: string): Promise<string> {
  const parent = await realpath(dirname(folder)).catch(() => dirname(folder))
  const name = createHash('sha256')
    .update(join(parent, basename(folder)))
    .digest('hex')
  const locks = join(tmpdir(), `pigment-runs-${userInfo().username}`)
  await mkdir(locks, { recursive: true }).catch(() => undefined)
  return join(locks, `${name.slice(0, 32)}.lock`)
}

/** Nothing where another has it. Where a system cannot lock at all, it trains without. */
function heldOrUnlockable(path: string): { close: () => void } | undefined {
  try {
    return holdLock(path)
  } catch {
    return { close: () => undefined }
  }
}

const inUse = (folder: string): PigmentError =>
  new PigmentError(
    'run-in-use',
    `Another process trains in "${folder}" at this moment. Wait until it ends or stop it there, or choose another output name.`,
    { folder },
  )
