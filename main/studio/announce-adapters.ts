import type { AdapterCard } from '../api/methods/library.ts'
import type { Parts } from './parts.ts'

export function announceAdapters({ announcer }: Pick<Parts, 'announcer'>, cards: readonly AdapterCard[], removed?: boolean): void {
  for (const adapter of cards) announcer.announce('library', removed ? { adapter, removed } : { adapter })
}
