// Ilharco et al. 2022, "Editing Models with Task Arithmetic" (arXiv 2212.04089): Σ w·ΔW, of the products and not of their factors.
import { z } from 'zod'
import { sumOf } from '../layer.ts'
import type { MergeMethod } from '../method.ts'

const options = z.object({
  normalize: z.boolean().default(false).meta({ description: 'divide by the sum of the strengths in each layer: a mean instead of a sum' }),
})

export const linear: MergeMethod<typeof options> = {
  name: 'linear',
  title: 'Weighted sum',
  sentence: 'Adds up what the adapters do, each times its strength; with a rank or a share of energy it keeps the strongest directions.',
  source: 'Ilharco et al. 2022, arXiv 2212.04089',
  kind: 'sum',
  rank: 'sum',
  options,
  merge(layer, { normalize }) {
    const total = layer.parts.reduce((sum, { weight }) => sum + weight, 0)
    // Strengths that cancel have no mean.
    const share = normalize && total !== 0 ? 1 / total : 1
    return sumOf(layer, ({ weight }) => weight * share)
  },
}
