// Written by build/write-indexes.ts; do not edit. One way of preserving what a model can do a file.
import type { Preservation } from './preservation.ts'
import { output } from './output.ts'
import { pictures } from './pictures.ts'

export const preservations: readonly Preservation[] = [output, pictures]
