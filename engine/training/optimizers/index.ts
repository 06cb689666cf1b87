// Written by build/write-indexes.ts; do not edit. One optimizer a file.
import type { Optimizer } from './optimizer.ts'
import { adafactor } from './adafactor.ts'
import { adamw } from './adamw.ts'
import { lion } from './lion.ts'
import { muon } from './muon.ts'
import { prodigy } from './prodigy.ts'
import { scheduleFree } from './schedule-free.ts'
import { sgd } from './sgd.ts'

export const optimizers: readonly Optimizer[] = [adafactor, adamw, lion, muon, prodigy, scheduleFree, sgd]
