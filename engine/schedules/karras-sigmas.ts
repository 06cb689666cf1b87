/** σ evenly spaced in σ^(1/7), falling from `max` to `min` (Karras et al. 2022, equation 5). */
export function karrasSigmas(steps: number, min: number, max: number, rho = 7): number[] {
  const [from, to] = [max ** (1 / rho), min ** (1 / rho)]
  return Array.from({ length: steps }, (_, i) => (from + (steps === 1 ? 0 : i / (steps - 1)) * (to - from)) ** rho)
}
