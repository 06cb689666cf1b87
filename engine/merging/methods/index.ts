// Written by build/write-indexes.ts; do not edit. One way of merging adapters a file.
import type { MergeMethod } from '../method.ts'
import { concat } from './concat.ts'
import { dareLinear } from './dare-linear.ts'
import { dareTies } from './dare-ties.ts'
import { isoC } from './iso-c.ts'
import { knots } from './knots.ts'
import { linear } from './linear.ts'
import { magnitude } from './magnitude.ts'
import { orthogonal } from './orthogonal.ts'
import { peftDareLinear } from './peft-dare-linear.ts'
import { peftDareLinearSvd } from './peft-dare-linear-svd.ts'
import { peftDareTies } from './peft-dare-ties.ts'
import { peftDareTiesSvd } from './peft-dare-ties-svd.ts'
import { peftLinear } from './peft-linear.ts'
import { peftMagnitudePrune } from './peft-magnitude-prune.ts'
import { peftMagnitudePruneSvd } from './peft-magnitude-prune-svd.ts'
import { peftSvd } from './peft-svd.ts'
import { peftTies } from './peft-ties.ts'
import { peftTiesSvd } from './peft-ties-svd.ts'
import { svd } from './svd.ts'
import { ties } from './ties.ts'
import { tsvM } from './tsv-m.ts'

export const mergeMethods: readonly MergeMethod[] = [
  concat,
  dareLinear,
  dareTies,
  isoC,
  knots,
  linear,
  magnitude,
  orthogonal,
  peftDareLinear,
  peftDareLinearSvd,
  peftDareTies,
  peftDareTiesSvd,
  peftLinear,
  peftMagnitudePrune,
  peftMagnitudePruneSvd,
  peftSvd,
  peftTies,
  peftTiesSvd,
  svd,
  ties,
  tsvM,
]
