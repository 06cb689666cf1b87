// Beta(α, β) over the noise levels. Reference: OneTrainer ModelSetupNoiseMixin, BETA, whose weight is α and whose bias is β; "Beta-Tuned Timestep
// Diffusion Model" (Zheng et al. 2024) advises α below 1 and β of 1.
import { z } from 'zod'
import { timestepAt } from './level.ts'
import type { TimestepDraw } from './timestep-draw.ts'

const shape = (description: string, usual: number) => z.number().min(0.01).max(100).default(usual).meta({ description, step: 0.1 })
const options = z.object({
  noisingWeight: shape('α of Beta(α, β): below 1 the cleanest levels are seen more, above 1 less', 0.8),
  noisingBias: shape('β of Beta(α, β): below 1 the noisiest levels are seen more, above 1 less', 1),
})

export const beta: TimestepDraw<typeof options> = {
  name: 'beta',
  sentence: 'The ends more often or less, each by a number of its own: with the usual ones clean levels, where details are, are seen more.',
  options,
  draw: (random, count, range, { noisingWeight: a, noisingBias: b }) =>
    Float32Array.from(random.uniform(count), (u) => timestepAt(betaQuantile(u, a, b), range)),
  metadata: (told) => ({ 'pigment.timestep_draw': JSON.stringify({ draw: 'beta', ...told }) }),
}

/** The x below which Beta(a, b) lies with probability p: by halving, for it decides a whole timestep and no more. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (b === 1) return p ** (1 / a)
  if (a === 1) return 1 - (1 - p) ** (1 / b)
  let [low, high] = [0, 1]
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (betaShare(middle, a, b) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularised incomplete beta function Iₓ(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8). */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1
  // The fraction converges quickly on this side of the mean alone.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  // Lentz's method.
  const tiny = 1e-300
  const apart = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let [c, d] = [1, 1 / apart(1 - ((a + b) * x) / (a + 1))]
  let fraction = d
  for (let m = 1; m < 500; m++) {
    const before = fraction
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / apart(1 + term * d)
      c = apart(1 + term / c)
      fraction *= c * d
    }
    if (Math.abs(fraction / before - 1) < 1e-14) break
  }
  return front * fraction
}

/** Lanczos' approximation with g = 7. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const
function logGamma(x: number): number {
  const sum = lanczos.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (x - 1 + i)), 0)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}
