// Written by build/write-indexes.ts; do not edit. One draw of timesteps a file.
import type { TimestepDraw } from './timestep-draw.ts'
import { beta } from './beta.ts'
import { cosMap } from './cos-map.ts'
import { heavyTail } from './heavy-tail.ts'
import { invertedParabola } from './inverted-parabola.ts'
import { logistic } from './logistic.ts'
import { logitNormal } from './logit-normal.ts'
import { sigmoid } from './sigmoid.ts'
import { uniform } from './uniform.ts'

export const timestepDraws: readonly TimestepDraw[] = [beta, cosMap, heavyTail, invertedParabola, logistic, logitNormal, sigmoid, uniform]
