import { createHash, type Hash } from 'node:crypto'
import type { PlannedFile } from './plan.ts'

/** Where what is published is no SHA-256. */
export function otherHash({ hash, bytes }: Pick<PlannedFile, 'hash' | 'bytes'>): Hash | undefined {
  if (hash?.algorithm === 'sha512') return createHash('sha512')
  return hash?.algorithm === 'git-sha1' ? createHash('sha1').update(`blob ${bytes ?? 0}\0`) : undefined
}
