// Yadav et al. 2023, "TIES-Merging" (arXiv 2306.01708): for every entry a sign is elected, and those that have it are averaged.
import { z } from 'zod'

export const signs = ['total', 'frequency'] as const

export const signOption = {
  sign: z.enum(signs).default('total').meta({
    description: 'whose sign an entry takes: of the sum of all values, or of the greater number of adapters',
  }),
}

export const densityOption = (usual: number) => ({
  density: z.number().gt(0).max(1).default(usual).meta({ description: 'share of the entries of each adapter that stays', step: 0.05 }),
})

interface Election {
  readonly sign: (typeof signs)[number]
  /** Whether strengths count in the vote, so that an adapter of negative strength votes for what it does. peft and KnOTS vote without. */
  readonly weighted: boolean
  /** Over the number of those that have the sign; else their sum. */
  readonly mean: boolean
}

/** A vote of 0 is for plus. Entries of 0 have no voice in the mean. Gives a new array. */
export function elected(values: readonly Float32Array[], weights: readonly number[], { sign, weighted, mean }: Election): Float32Array {
  const out = new Float32Array(values[0]?.length ?? 0)
  for (let i = 0; i < out.length; i++) {
    let vote = 0
    for (let k = 0; k < values.length; k++) {
      const value = ((values[k] as Float32Array)[i] as number) * (weighted ? (weights[k] as number) : 1)
      vote += sign === 'total' ? value : Math.sign(value)
    }
    let sum = 0
    let count = 0
    for (let k = 0; k < values.length; k++) {
      const value = (values[k] as Float32Array)[i] as number
      const voice = weighted ? value * (weights[k] as number) : value
      if (voice === 0 || voice > 0 !== vote >= 0) continue
      sum += value * (weights[k] as number)
      count++
    }
    out[i] = mean && count > 1 ? sum / count : sum
  }
  return out
}

/** Σ w·x. */
export function summed(values: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const out = new Float32Array(values[0]?.length ?? 0)
  for (const [k, one] of values.entries()) {
    const weight = weights[k] as number
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + weight * (one[i] as number)
  }
  return out
}
