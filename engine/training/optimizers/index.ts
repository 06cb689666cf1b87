// Written by build/write-indexes.ts; do not edit. One optimizer a file.
import type { Optimizer } from './optimizer.ts'
import { adafactor } from './adafactor.ts'
import { adamw } from './adamw.ts'
import { adamw8bit } from './adamw-8bit.ts'
import { lion } from './lion.ts'
import { lion8bit } from './lion-8bit.ts'
import { muon } from './muon.ts'
import { pagedAdamw } from './paged-adamw.ts'
import { pagedAdamw8bit } from './paged-adamw-8bit.ts'
import { prodigy } from './prodigy.ts'
import { scheduleFree } from './schedule-free.ts'
import { sgd } from './sgd.ts'

export const optimizers: readonly Optimizer[] = [
  adafactor,
  adamw,
  adamw8bit,
  lion,
  lion8bit,
  muon,
  pagedAdamw,
  pagedAdamw8bit,
  prodigy,
  scheduleFree,
  sgd,
]
