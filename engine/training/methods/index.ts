// Written by build/write-indexes.ts; do not edit. One method a file.
import type { TrainingMethod } from './method.ts'
import { adalora } from './adalora.ts'
import { adapter } from './adapter.ts'

export const methods: readonly TrainingMethod[] = [adalora, adapter]
