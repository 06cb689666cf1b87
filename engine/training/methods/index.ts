// Written by build/write-indexes.ts; do not edit. One method a file.
import type { TrainingMethod } from './method.ts'
import { adalora } from './adalora.ts'
import { adapter } from './adapter.ts'
import { dylora } from './dylora.ts'
import { full } from './full.ts'
import { loraFa } from './lora-fa.ts'
import { tLora } from './t-lora.ts'

export const methods: readonly TrainingMethod[] = [adalora, adapter, dylora, full, loraFa, tLora]
