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

/** What each of `count` checkpoints counts for where the mean is moved on by β(t) = (1 − 1/t)^(γ + 1) at the t-th; their sum is 1. */
export function powerWeights(count: number, width: number): number[] {
  const gamma = gammaOf(width)
  const weights: number[] = []
  for (let t = 1; t <= count; t++) {
    const beta = (1 - 1 / t) ** (gamma + 1)
    for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) * beta
    weights.push(1 - beta)
  }
  return weights
}
