// What training runs take on the disk, and the sheet of samples that those have which came to their end.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOnDisk } from '../api/methods/training.ts'
import type { Parts } from './parts.ts'
import { isTraining } from './training-runs.ts'

/** Of one run: a checkpoint has some files, a sample is one. */
const mostFiles = 20_000

/** In the order of the queue. What cannot be read counts nothing: a run may be at work in its folder, or have none yet. */
export async function runsOnDisk({ queue, runner, media }: Pick<Parts, 'queue' | 'runner' | 'media'>): Promise<RunOnDisk[]> {
  const found: RunOnDisk[] = []
  for (const { id: run } of queue.list().filter(isTraining)) {
    const folder = runner.folderOf(run)
    const sheet = (await readdir(folder).catch((): string[] => [])).find((name) => name.endsWith('.proof.png'))
    const path = join(folder, sheet ?? '')
    const made = sheet === undefined ? undefined : await lstat(path).catch(() => undefined)
    found.push({ run, bytes: await bytesBelow(folder), ...(made?.isFile() ? { proof: media.ofFile(path, made.mtimeMs) } : {}) })
  }
  return found
}

/** Of regular files; what links lead to lies elsewhere. */
export async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const entry of entries.slice(0, mostFiles))
    if (entry.isFile()) bytes += await lstat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0) // prettier-ignore
  return bytes
}
