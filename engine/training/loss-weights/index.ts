// Written by build/write-indexes.ts; do not edit. One loss weight a file.
import type { LossWeight } from './loss-weight.ts'
import { constant } from './constant.ts'
import { debiased } from './debiased.ts'
import { minSnr } from './min-snr.ts'
import { p2 } from './p2.ts'
import { softMinSnr } from './soft-min-snr.ts'

export const lossWeights: readonly LossWeight[] = [constant, debiased, minSnr, p2, softMinSnr]
