// Written by build/write-indexes.ts; do not edit. One way of composing adapters a file.
import type { Composition } from '../composition.ts'
import { composite } from './composite.ts'
import { kLora } from './k-lora.ts'
import { sum } from './sum.ts'
import { switchTurns } from './switch.ts'

export const compositions: readonly Composition[] = [composite, kLora, sum, switchTurns]
