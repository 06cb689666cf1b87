// Written by build/write-indexes.ts; do not edit. One loss a file.
import type { Loss } from './loss.ts'
import { blend } from './blend.ts'
import { huber } from './huber.ts'
import { l1 } from './l1.ts'
import { l2 } from './l2.ts'
import { smoothL1 } from './smooth-l1.ts'

export const losses: readonly Loss[] = [blend, huber, l1, l2, smoothL1]
