// Written by build/write-indexes.ts; do not edit. The families that a checkpoint is tried against.
import type { FamilyRules } from '../family.ts'
import { sd1 } from './sd1.ts'
import { sd2 } from './sd2.ts'
import { sdxl } from './sdxl.ts'

export const families: readonly FamilyRules[] = [sd1, sd2, sdxl]
