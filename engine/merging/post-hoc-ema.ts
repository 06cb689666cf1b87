// Karras et al. 2024, "Analyzing and Improving the Training Dynamics of Diffusion Models" (arXiv 2312.02696): a mean over training of a width that is chosen
// after it, from saved checkpoints.

/** γ of a relative width σ: the positive root of γ³ + 7γ² + (16 − σ⁻²)γ + (12 − σ⁻²) = 0. */
export function gammaOf(width: number): number {
  const t = width ** -2
  const at = (gamma: number): number => ((gamma + 7) * gamma + 16 - t) * gamma + 12 - t
  // It grows from where it is negative on: between 0 and the root of its largest term.
  let [low, high] = [0, Math.sqrt(t) + 1]
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (at(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** What each of `count` checkpoints at equal distances counts for: as where the mean is moved on by β(t) = (1 − 1/t)^(γ + 1) at the t-th. Their sum is 1. */
export const powerWeights = (count: number, width: number): number[] =>
  powerWeightsAt(
    Array.from({ length: count }, (_, i) => i + 1),
    width,
  )

/**
 * The same at steps of any distances, which rise: each stands for the steps since the one before it. Of the mean ∝ ∫ t^γ θ(t) dt over the run that is
 * (tᵢ^(γ+1) − tᵢ₋₁^(γ+1)) / T^(γ+1), which for equal distances is what is moved on by β.
 */
export function powerWeightsAt(steps: readonly number[], width: number): number[] {
  const [power, last] = [gammaOf(width) + 1, steps.at(-1) ?? 1]
  return steps.map((step, i) => (step / last) ** power - ((steps[i - 1] ?? 0) / last) ** power)
}
