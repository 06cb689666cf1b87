// The formats, in the order in which a file is tried. One file of this folder each; their marks exclude each other.
import { diffusers } from './diffusers.ts'
import type { AdapterFormat } from './format.ts'
import { kohya } from './kohya.ts'
import { ldm } from './ldm.ts'
import { peft } from './peft.ts'

export const adapterFormats: readonly AdapterFormat[] = [diffusers, kohya, ldm, peft]
