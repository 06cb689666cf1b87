// Written by build/write-indexes.ts; do not edit. Where the masks of pictures come from, one place a file.
import type { MaskSource } from './mask.ts'
import { alpha } from './alpha.ts'
import { folder } from './folder.ts'
import { sidecar } from './sidecar.ts'

export const maskSources: readonly MaskSource[] = [alpha, folder, sidecar]
