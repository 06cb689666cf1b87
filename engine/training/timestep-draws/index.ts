// Written by build/write-indexes.ts; do not edit. One draw of timesteps a file.
import type { TimestepDraw } from './timestep-draw.ts'
import { logitNormal } from './logit-normal.ts'
import { uniform } from './uniform.ts'

export const timestepDraws: readonly TimestepDraw[] = [logitNormal, uniform]
