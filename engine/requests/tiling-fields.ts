// Pictures that go on at their other side.
import { z } from 'zod'
import type {} from './option.ts'

export const tiling = z.enum(['none', 'both', 'x', 'y'])
export type Tiling = z.infer<typeof tiling>

export const tilingFields = {
  /** A1111's `Tiling`, by axis as its extension for asymmetric tiling. */
  tiling: tiling.default('none').meta({
    description: 'edges that meet, so that copies side by side show no seam: both axes, x (left and right) or y (top and bottom)',
    placeholder: 'NAME',
    group: 'picture',
    written: 'Tiling',
    spelt: { none: 'False', both: 'True', x: 'X', y: 'Y' },
    axis: { sign: 'Tiling', usual: 'none, both' },
  }),
}
