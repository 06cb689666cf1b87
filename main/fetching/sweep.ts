import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Takes away what jobs were fetching that nobody can go on with. */
export async function sweepFetched(folder: string, wanted: (job: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => []))
    if (!wanted(name)) await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined) // A later start tries again.
}
