// Written by build/write-indexes.ts.
import { diffusers } from './diffusers.ts'
import type { AdapterFormat } from './format.ts'
import { kohya } from './kohya.ts'
import { ldm } from './ldm.ts'
import { peft } from './peft.ts'

export const adapterFormats: readonly AdapterFormat[] = [diffusers, kohya, ldm, peft]
