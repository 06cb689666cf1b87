// One studio a data folder: two would write each other's journals to pieces.
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/spec/error.ts'

/** Takes the folder. The returned function gives it back. Throws `already-running` with the owner's process id. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'studio.lock')
  const mine = join(folder, `studio.${process.pid}.lock`)
  try {
    await writeFile(mine, String(process.pid))
    for (let attempt = 0; attempt < 3; attempt++) {
      // A link appears whole or not at all, and never over another.
      const taken = await link(mine, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (taken) return () => rm(path, { force: true })
      const owner = Number(await readFile(path, 'utf8').catch(() => ''))
      if (owner !== process.pid && isAlive(owner))
        throw new PigmentError(
          'already-running',
          `Pigment already runs on "${folder}" (process ${owner}). Use that window, or end it first.`,
          { folder, process: owner },
        )
      await rm(path, { force: true })
    }
    throw new PigmentError('already-running', `"${folder}" could not be locked: other processes keep taking it. Try again.`, { folder })
  } catch (error) {
    throw fileError(error, path, 'write')
  } finally {
    await rm(mine, { force: true }).catch(() => undefined)
  }
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
