// All files of a plan into a folder that holds nothing else, whole and verified, or as far as they came.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { Journal } from '../stores/journal.ts'
import { totalOf, type Plan, type PlannedFile } from './plan.ts'
import { requireRoom } from './room.ts'
import { partState, transfer, type Transfer } from './transfer.ts'

export interface Fetching extends Pick<Transfer, 'network' | 'signal' | 'note'> {
  /** For this plan alone. */
  readonly folder: string
  /** Bytes that are here, of all where that is known. */
  readonly progress: (done: number, total: number | undefined) => void
}

export interface Fetched {
  /** The file, or the folder. */
  readonly path: string
  readonly sha256: Readonly<Record<string, string>>
}

const journalName = 'fetch.jsonl'

/** Throws what `transfer` throws, and `disk-full` before anything is asked for. */
export async function fetchPlan(plan: Plan, { folder, progress, ...given }: Fetching): Promise<Fetched> {
  const inside = join(folder, 'files')
  await mkdir(inside, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileError(error, inside, 'write')
  })
  const journal = await Journal.open(join(folder, journalName), partState)
  try {
    const done = new Map<string, number>(plan.files.map(({ path }) => [path, journal.get(path)?.flushed ?? 0]))
    const sum = (): number => [...done.values()].reduce((all, one) => all + one, 0)
    const total = totalOf(plan)
    if (total !== undefined) await requireRoom(plan.title, folder, total - sum(), given.network)
    const sha256: Record<string, string> = {}
    for (const file of plan.files) {
      const tell = (bytes: number): void => {
        done.set(file.path, bytes)
        progress(sum(), total)
      }
      sha256[file.path] = await transfer({ ...plan, ...given, file, folder: inside, journal, progress: tell })
      tell(journal.get(file.path)?.total ?? 0)
    }
    const [only] = plan.files
    return { path: only && isSingle(plan.files) ? join(inside, only.path) : inside, sha256 }
  } finally {
    await journal.close()
  }
}

export const isSingle = (files: readonly PlannedFile[]): boolean => files.length === 1 && !files[0]?.path.includes('/')

/** What its page says of it, beside what was fetched: as the library reads it. */
export async function writeBeside({ beside }: Pick<Plan, 'beside'>, stem: string): Promise<void> {
  for (const [ending, value] of Object.entries(beside))
    await writeFile(`${stem}${ending}`, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
}
