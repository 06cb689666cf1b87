// Written by build/write-indexes.ts; do not edit. One way of keeping frozen weights a file.
import type { WeightCodec } from './codec.ts'
import { nf4 } from './nf4.ts'
import { stored } from './stored.ts'

export const weightCodecs: readonly WeightCodec[] = [nf4, stored]
