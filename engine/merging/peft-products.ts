// peft's add_weighted_adapter where it works on ΔW and takes an SVD after (`…_svd`): its votes are without strengths. Up to some version before 0.21 the
// scale alpha / R was counted twice, in ΔW and in the strength; `twice` gives those numbers.
import { z } from 'zod'
import { scaleOf } from '../adapters/low-rank.ts'
import type { Layer, Part } from './layer.ts'

export const scaleOption = {
  twice: z.boolean().default(false).meta({ description: 'count alpha / R twice, as peft did before 0.21' }),
}

/** The layer as peft sees it. A whole ΔW has its scale in it once. */
export function asPeft(layer: Layer, { twice }: { readonly twice: boolean }): Layer {
  const scaled = ({ pair, ...part }: Part): Part => ({ ...part, weight: part.weight * (pair ? scaleOf(pair) : 1) })
  return twice ? { ...layer, parts: layer.parts.map(scaled) } : layer
}
