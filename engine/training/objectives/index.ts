// Written by build/write-indexes.ts; do not edit. One objective a file.
import type { Objective } from './objective.ts'
import { epsilon } from './epsilon.ts'
import { v } from './v.ts'
import { x0 } from './x0.ts'

export const objectives: readonly Objective[] = [epsilon, v, x0]
