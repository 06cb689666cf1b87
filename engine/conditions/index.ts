// Written by build/write-indexes.ts; do not edit. One condition a file.
import type { Condition } from './condition.ts'

export const conditions: readonly Condition[] = []
