// Written by build/write-indexes.ts; do not edit. The formats, in the order in which a file is tried. Their marks exclude each other.
import type { AdapterFormat } from './format.ts'
import { diffusers } from './diffusers.ts'
import { kohya } from './kohya.ts'
import { ldm } from './ldm.ts'
import { lycoris } from './lycoris.ts'
import { peft } from './peft.ts'

export const adapterFormats: readonly AdapterFormat[] = [diffusers, kohya, ldm, lycoris, peft]
