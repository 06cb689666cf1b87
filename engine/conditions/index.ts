// Written by build/write-indexes.ts; do not edit. One condition a file.
import type { Condition } from './condition.ts'
import { hires } from './hires.ts'
import { img2img } from './img2img.ts'
import { inpaint } from './inpaint.ts'

export const conditions: readonly Condition[] = [hires, img2img, inpaint]
