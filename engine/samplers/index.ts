// Written by build/write-indexes.ts; do not edit. One sampler a file.
import type { Sampler } from './sampler.ts'
import { ddim } from './ddim.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import { dpmpp2mA1111 } from './dpmpp-2m-a1111.ts'
import { dpmpp2mKarras } from './dpmpp-2m-karras.ts'
import { dpmpp2mKarrasA1111 } from './dpmpp-2m-karras-a1111.ts'
import { euler } from './euler.ts'
import { eulerAncestral } from './euler-ancestral.ts'
import { heun } from './heun.ts'

export const samplers: readonly Sampler[] = [ddim, dpmpp2m, dpmpp2mA1111, dpmpp2mKarras, dpmpp2mKarrasA1111, euler, eulerAncestral, heun]
