// What of the studio is shown at the start: what was touched last, and what waits for its person.
import type { DatasetSummary } from '../../main/api/methods/datasets.ts'
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import type { AdapterCard } from '../../main/api/methods/library.ts'

const open: ReadonlySet<JobSummary['state']> = new Set(['queued', 'running', 'pausing', 'paused', 'interrupted', 'cancelling'])
const fewest = 3

/** Something of a person's own is here: before that the start shows a newcomer the way. */
export const hasBegun = (
  jobs: readonly Pick<JobSummary, 'kind'>[],
  adapters: readonly Pick<AdapterCard, 'source'>[],
  sets: readonly Pick<DatasetSummary, 'sample'>[],
): boolean =>
  jobs.some(({ kind }) => kind === 'train') || adapters.some(({ source }) => source !== 'shipped') || sets.some(({ sample }) => !sample)

/** Training that goes on or can go on, as the queue has it; and what ended today, the newest first, or else the last one that ended. */
export function runsAtHome(jobs: readonly JobSummary[], now: number): { going: JobSummary[]; ended: JobSummary[] } {
  const runs = jobs.filter(({ kind }) => kind === 'train')
  const over = runs.filter(({ state }) => !open.has(state)).toSorted((a, b) => endOf(b) - endOf(a))
  const today = new Date(now).setHours(0, 0, 0, 0)
  const ended = over.filter((job) => endOf(job) >= today)
  return { going: runs.filter(({ state }) => open.has(state)), ended: ended.length > 0 ? ended : over.slice(0, 1) }
}
const endOf = ({ endedAt, createdAt }: JobSummary): number => endedAt ?? createdAt

/** One's own by their last change; those that ship with the program where there is room. */
export function setsAtHome(sets: readonly DatasetSummary[], most: number): DatasetSummary[] {
  const own = sets.filter(({ sample }) => !sample).toSorted((a, b) => b.changedAt - a.changedAt)
  const samples = sets.filter(({ sample }) => sample)
  return [...own.slice(0, most), ...samples.slice(0, Math.max(0, fewest - own.length))]
}

/** Made here, brought here, or drawn with: when that was last. One that shipped and was never drawn with is not one's own. */
export const touchedAt = ({ at, used }: Pick<AdapterCard, 'at' | 'used'>): number => Math.max(at, used.last)
export const adaptersAtHome = (adapters: readonly AdapterCard[], most: number): AdapterCard[] =>
  adapters
    .filter(({ source, used }) => source !== 'shipped' || used.pictures > 0)
    .toSorted((a, b) => touchedAt(b) - touchedAt(a))
    .slice(0, most)
