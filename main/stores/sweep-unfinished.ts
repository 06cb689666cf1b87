// Half a file, or half a folder, that an earlier process was writing when it was killed: such are hidden, as large as what they should have become, and nobody's.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { answering, type Ask } from '../../engine/files/answering.ts'
import { unfinished } from '../../engine/files/atomic.ts'

/** In folders that others write to as well, one that was touched in the last hour may be on its way. */
const aWhile = 3_600_000
/** A data set has folders in it, and these may have some. */
const depthElsewhere = 3

/** The person's own folders that the host writes to. */
export function foldersElsewhere(
  datasets: readonly { readonly path: string; readonly owned: boolean; readonly sample: boolean }[],
  exports: string | null,
): readonly string[] {
  const referred = datasets.filter(({ owned, sample }) => !owned && !sample).map(({ path }) => path)
  return [...new Set([...referred, ...(exports ? [exports] : [])])]
}

/**
 * Removes them below `own` where they are older than `since`, a file of there that was written at the start: a disk far away has a clock of its own. And old
 * ones elsewhere. What cannot be read or removed is left. Ends early when `stopped` says so.
 */
export async function sweepUnfinished(own: string, since: string, elsewhere: readonly string[], stopped: () => boolean): Promise<void> {
  const touched = async (path: string): Promise<number> => (await stat(path)).mtimeMs
  const began = await touched(since).catch(() => 0)
  await sweep(
    own,
    Infinity,
    async (path) => (await touched(path)) < began,
    stopped,
    (question) => question(),
  )
  const old = async (path: string): Promise<boolean> => Date.now() - (await touched(path)) > aWhile
  for (const folder of elsewhere) await answering(folder, (ask) => sweep(folder, depthElsewhere, old, stopped, ask)).catch(() => undefined) // a later start looks again
}

async function sweep(
  folder: string,
  depth: number,
  useless: (path: string) => Promise<boolean>,
  stopped: () => boolean,
  ask: Ask,
): Promise<void> {
  const inside: string[] = []
  try {
    for (const entry of await ask(() => readdir(folder, { withFileTypes: true }))) {
      if (stopped()) return
      const path = join(folder, entry.name)
      if (!unfinished.test(entry.name)) {
        if (entry.isDirectory()) inside.push(path)
      } else if ((entry.isFile() || entry.isDirectory()) && (await ask(() => useless(path))))
        await ask(() => rm(path, { recursive: true, force: true }))
    }
  } catch {
    // A folder that is gone or closed to us holds nothing that we could take away.
  }
  if (depth > 0) for (const path of inside) await sweep(path, depth - 1, useless, stopped, ask)
}
