// Guttenberg 2023, "Diffusion with Offset Noise" (crosslabs.org): each channel of the noise is shifted as a whole, so that very dark and very bright
// pictures can be learnt. Reference: sd-scripts apply_noise_offset, with its random and adaptive strengths.
import { refuseWithout } from '../../requests/field-needs.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import type { NoiseKind } from './noise.ts'

interface Offset {
  /** What the shift is multiplied by, of each sample and channel. */
  readonly strength: (channel: number) => number
  /** Standard normal, one for each sample and channel. */
  readonly draws: ArrayLike<number>
}

/** Noise plus strength × one draw for each sample and channel. */
export function offsetNoise({ shape, data }: Tensor, { strength, draws }: Offset): Tensor {
  const [, , ...cells] = shape
  const plane = elementCount(cells)
  const shifts = Array.from({ length: data.length / plane }, (_, channel) => strength(channel) * (draws[channel] ?? 0))
  return { shape, data: data.map((value, i) => value + (shifts[Math.floor(i / plane)] ?? 0)) }
}

/** |mean| of each sample and channel. */
export function channelMeans({ shape, data }: Tensor): Float64Array {
  const [, , ...cells] = shape
  const plane = elementCount(cells)
  const means = new Float64Array(data.length / plane)
  for (const [i, value] of data.entries()) means[Math.floor(i / plane)] = (means[Math.floor(i / plane)] ?? 0) + value / plane
  return means.map(Math.abs)
}

export const offset: NoiseKind = {
  name: 'offset',
  open(request) {
    const { noiseOffset, noiseOffsetRandomStrength: varies = false, adaptiveNoiseScale } = request
    if (!noiseOffset) return refuseWithout(request, 'noiseOffset', ['noiseOffsetRandomStrength', 'adaptiveNoiseScale'])
    return {
      noise(noise, { latents, random }) {
        const most = varies ? noiseOffset * (random('noise offset strength').uniform(1)[0] ?? 0) : noiseOffset
        const means = adaptiveNoiseScale === undefined ? undefined : channelMeans(latents)
        const strength = (channel: number): number =>
          adaptiveNoiseScale === undefined ? most : Math.max(0, most + adaptiveNoiseScale * (means?.[channel] ?? 0))
        const [samples = 0, channels = 0] = noise.shape
        return offsetNoise(noise, { strength, draws: random('noise offset').normal(samples * channels) })
      },
      metadata: {
        ss_noise_offset: String(noiseOffset),
        ...(varies ? { ss_noise_offset_random_strength: 'True' } : {}),
        ...(adaptiveNoiseScale === undefined ? {} : { ss_adaptive_noise_scale: String(adaptiveNoiseScale) }),
      },
    }
  },
}
