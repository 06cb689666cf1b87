// Written by build/write-indexes.ts; do not edit. One adapter variant a file.
import type { AdapterVariant } from './variant.ts'
import { dora } from './dora.ts'
import { lora } from './lora.ts'

export const variants: readonly AdapterVariant[] = [dora, lora]
