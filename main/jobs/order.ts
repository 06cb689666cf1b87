import type { Job } from './job.ts'

/** Between those that stand before and behind this place among the others. */
export function orderAt(at: number, others: readonly Job[]): number {
  const before = others[Math.min(at, others.length) - 1]?.order
  const after = others[at]?.order
  if (before === undefined) return after === undefined ? 0 : after - 1
  return after === undefined ? before + 1 : (before + after) / 2
}
