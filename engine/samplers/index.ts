import { ddim } from './ddim.ts'
import { dpmpp2mKarras } from './dpmpp-2m-karras.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import { eulerAncestral } from './euler-ancestral.ts'
import { euler } from './euler.ts'
import type { Sampler } from './sampler.ts'

export const samplers: readonly Sampler[] = [ddim, dpmpp2m, dpmpp2mKarras, eulerAncestral, euler]
