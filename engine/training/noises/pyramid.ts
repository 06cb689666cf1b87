// Whitaker 2023, "Multi-resolution noise for diffusion model training": noise of coarser and coarser grids on top, so that large areas are learnt as
// such. Reference: sd-scripts pyramid_noise_like.
import { refuseWithout } from '../../requests/field-needs.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import type { NoiseKind } from './noise.ts'

interface Pyramid {
  readonly iterations: number
  readonly discount: number
  /** How much coarser a level is than the one before, 2 to 4. */
  readonly factor: (level: number) => number
  /** Standard normal. */
  readonly draws: (level: number, count: number) => ArrayLike<number>
}

/** The noise and that of all levels, scaled back to a deviation of 1 over the whole batch. */
export function pyramidNoise({ shape, data }: Tensor, { iterations, discount, factor, draws }: Pyramid): Tensor {
  const [samples = 0, channels = 0, height = 0, width = 0] = shape
  const sum = Float64Array.from(data)
  for (let level = 0; level < iterations; level++) {
    const r = factor(level)
    const [h, w] = [Math.max(1, Math.floor(height / r ** level)), Math.max(1, Math.floor(width / r ** level))]
    const coarse = draws(level, samples * channels * h * w)
    const [rows, columns] = [between(h, height), between(w, width)]
    for (let at = 0, plane = 0; plane < samples * channels; plane++) {
      const value = (y: number, x: number): number => coarse[(plane * h + y) * w + x] ?? 0
      for (const { low: y0, high: y1, share: v } of rows)
        for (const { low: x0, high: x1, share: u } of columns) {
          const top = (1 - u) * value(y0, x0) + u * value(y0, x1)
          const bottom = (1 - u) * value(y1, x0) + u * value(y1, x1)
          sum[at] = (sum[at] ?? 0) + ((1 - v) * top + v * bottom) * discount ** level
          at++
        }
    }
    if (h === 1 || w === 1) break
  }
  const count = elementCount(shape)
  const mean = sum.reduce((total, value) => total + value, 0) / count
  const deviation = Math.sqrt(sum.reduce((total, value) => total + (value - mean) ** 2, 0) / Math.max(1, count - 1))
  return { shape, data: Float32Array.from(sum, (value) => value / deviation) }
}

/** Of each of `to` cells the two of `from` that it lies between, centres on centres (bilinear, corners not aligned). */
function between(from: number, to: number): readonly { readonly low: number; readonly high: number; readonly share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.max(0, ((i + 0.5) * from) / to - 0.5)
    const low = Math.min(from - 1, Math.floor(place))
    return { low, high: Math.min(from - 1, low + 1), share: place - low }
  })
}

const usualDiscount = 0.3

export const pyramid: NoiseKind = {
  name: 'pyramid',
  open(request) {
    const { multiresNoiseIterations: iterations, multiresNoiseDiscount: discount = usualDiscount } = request
    if (!iterations) return refuseWithout(request, 'multiresNoiseIterations', ['multiresNoiseDiscount'])
    return {
      noise(noise, { random }) {
        const factors = random('pyramid noise factors').uniform(iterations)
        const draws = (level: number, count: number): Float32Array => random(`pyramid noise ${level}`).normal(count)
        return pyramidNoise(noise, { iterations, discount, factor: (level) => 2 + 2 * (factors[level] ?? 0), draws })
      },
      metadata: { ss_multires_noise_iterations: String(iterations), ss_multires_noise_discount: String(discount) },
    }
  },
}
