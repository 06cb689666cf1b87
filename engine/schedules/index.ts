// Written by build/write-indexes.ts; do not edit. One schedule a file.
import type { Schedule } from './schedule.ts'
import { alignYourSteps } from './align-your-steps.ts'
import { automatic } from './automatic.ts'
import { beta } from './beta.ts'
import { checkpoint } from './checkpoint.ts'
import { ddimUniform } from './ddim-uniform.ts'
import { exponential } from './exponential.ts'
import { karras } from './karras.ts'
import { karrasSpaced } from './karras-spaced.ts'
import { karrasWhole } from './karras-whole.ts'
import { klOptimal } from './kl-optimal.ts'
import { lcm } from './lcm.ts'
import { multistep } from './multistep.ts'
import { multistepLowest } from './multistep-lowest.ts'
import { normal } from './normal.ts'
import { polyexponential } from './polyexponential.ts'
import { sgmUniform } from './sgm-uniform.ts'
import { simple } from './simple.ts'
import { spaced } from './spaced.ts'
import { strided } from './strided.ts'
import { uniform } from './uniform.ts'

export const schedules: readonly Schedule[] = [
  alignYourSteps,
  automatic,
  beta,
  checkpoint,
  ddimUniform,
  exponential,
  karras,
  karrasSpaced,
  karrasWhole,
  klOptimal,
  lcm,
  multistep,
  multistepLowest,
  normal,
  polyexponential,
  sgmUniform,
  simple,
  spaced,
  strided,
  uniform,
]
