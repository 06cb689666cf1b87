// What differs between two looks at a folder of pictures.
import type { Found } from '../../engine/datasets/found.ts'

/** Pictures by id; `'all'` where single ones cannot be named. */
export type Difference = readonly string[] | 'all'

/** Above as many single pictures, a look at all of them tells as much. */
export const mostSingle = 500

/** The file that its caption came from is gone: another one may stand for it now. */
export function isMoved(before: Found, now: Found): boolean {
  return before.version !== 'none' ? now.version === 'none' : before.pair.caption !== undefined && now.caption === ''
}

export const isSame = (before: Found | undefined, now: Found): boolean =>
  before?.stamp === now.stamp &&
  before.version === now.version &&
  before.sidecar === now.sidecar &&
  before.caption === now.caption &&
  before.captionProblem?.message === now.captionProblem?.message

export function difference(before: ReadonlyMap<string, Found>, now: ReadonlyMap<string, Found>): Difference {
  const changed: string[] = []
  for (const [id, one] of now) if (!isSame(before.get(id), one)) changed.push(id)
  for (const id of before.keys()) if (!now.has(id)) changed.push(id)
  return changed.length > mostSingle ? 'all' : changed
}

/** One change beside what others made meanwhile. */
export const both = (own: Difference, others: Difference | undefined): Difference =>
  own === 'all' || others === 'all' ? 'all' : [...new Set([...own, ...(others ?? [])])]
