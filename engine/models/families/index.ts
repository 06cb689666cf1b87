// Written by build/write-indexes.ts; do not edit. The families that a checkpoint is tried against.
import type { ModelFamily } from '../family.ts'
import { sd1 } from './sd1/family.ts'
import { sd2 } from './sd2/family.ts'
import { sdxl } from './sdxl/family.ts'

export const families: readonly ModelFamily[] = [sd1, sd2, sdxl]
