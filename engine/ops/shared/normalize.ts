// Normalisation to zero mean and unit variance over some axes, and its derivative.
import type { Value } from '../../graph/graph.ts'
import { add, mul, reciprocal, reduceMean, sqrt, sub } from '../../graph/math.ts'

export interface Normalised {
  /** x̂ = (x − μ) · i */
  readonly hat: Value
  /** i = 1 / √(σ² + ε) */
  readonly inverse: Value
}

export function normalised(x: Value, axes: readonly number[], epsilon: number): Normalised {
  return x.graph.precise(() => {
    const centred = sub(x, reduceMean(x, axes))
    const inverse = reciprocal(sqrt(add(reduceMean(mul(centred, centred), axes), epsilon)))
    return { hat: mul(centred, inverse), inverse }
  })
}

/** dx = i · (g − mean g − x̂ · mean(g · x̂)) with g = dy · γ. */
export function normGradient({ hat, inverse }: Normalised, g: Value, axes: readonly number[]): Value {
  return g.graph.precise(() => {
    const projected = mul(hat, reduceMean(mul(g, hat), axes))
    return mul(sub(sub(g, reduceMean(g, axes)), projected), inverse)
  })
}
