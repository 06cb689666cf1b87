// Written by build/write-indexes.ts; do not edit. One optimizer a file.
import type { Optimizer } from './optimizer.ts'
import { adamw } from './adamw.ts'
import { lion } from './lion.ts'

export const optimizers: readonly Optimizer[] = [adamw, lion]
