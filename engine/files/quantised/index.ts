// Written by build/write-indexes.ts; do not edit. The ways of packing that a tensor is tried for.
import type { Quantisation } from './quantisation.ts'
import { bitsandbytes } from './bitsandbytes.ts'
import { scaled } from './scaled.ts'

export const quantisations: readonly Quantisation[] = [bitsandbytes, scaled]
