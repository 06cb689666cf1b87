// W = W₀ + Σ wᵢ ΔWᵢ, as every program has it.
import type { Composition } from '../composition.ts'

export const sum: Composition = {
  name: 'sum',
  title: 'Sum',
  sentence: 'All of them at once, each by its strength.',
  shares: () => () => 1,
}
