import { z } from 'zod'
import { sumOf } from '../layer.ts'
import type { MergeMethod } from '../method.ts'
import { asPeft, scaleOption } from '../peft-products.ts'

const options = z.object(scaleOption)

export const peftSvd: MergeMethod<typeof options> = {
  name: 'peft-svd',
  title: 'PEFT svd',
  sentence: 'The numbers of peft’s “svd”; on demand with the scale counted twice, as its older versions have it.',
  source: 'peft 0.21, add_weighted_adapter, svd',
  kind: 'peft',
  rank: 'largest',
  options,
  merge: (layer, told) => sumOf(asPeft(layer, told)),
}
