// Written by build/write-indexes.ts; do not edit. One sampler a file.
import type { Sampler } from './sampler.ts'
import { ddim } from './ddim.ts'
import { deis } from './deis.ts'
import { dpm2 } from './dpm2.ts'
import { dpm2Ancestral } from './dpm2-ancestral.ts'
import { dpmpp2m } from './dpmpp-2m.ts'
import { dpmpp2mA1111 } from './dpmpp-2m-a1111.ts'
import { dpmpp2mKarras } from './dpmpp-2m-karras.ts'
import { dpmpp2mKarrasA1111 } from './dpmpp-2m-karras-a1111.ts'
import { dpmpp2mSde } from './dpmpp-2m-sde.ts'
import { dpmpp2mSdeHeun } from './dpmpp-2m-sde-heun.ts'
import { dpmpp2sAncestral } from './dpmpp-2s-ancestral.ts'
import { dpmpp3mSde } from './dpmpp-3m-sde.ts'
import { dpmppSde } from './dpmpp-sde.ts'
import { euler } from './euler.ts'
import { eulerAncestral } from './euler-ancestral.ts'
import { heun } from './heun.ts'
import { lcm } from './lcm.ts'
import { lms } from './lms.ts'
import { pndm } from './pndm.ts'
import { tcd } from './tcd.ts'
import { uniPc } from './unipc.ts'
import { uniPcBh1 } from './unipc-bh1.ts'

export const samplers: readonly Sampler[] = [
  ddim,
  deis,
  dpm2,
  dpm2Ancestral,
  dpmpp2m,
  dpmpp2mA1111,
  dpmpp2mKarras,
  dpmpp2mKarrasA1111,
  dpmpp2mSde,
  dpmpp2mSdeHeun,
  dpmpp2sAncestral,
  dpmpp3mSde,
  dpmppSde,
  euler,
  eulerAncestral,
  heun,
  lcm,
  lms,
  pndm,
  tcd,
  uniPc,
  uniPcBh1,
]
