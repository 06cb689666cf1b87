// Zero mean and a chosen variance in every latent channel, folded into the 1×1 convolutions on both sides of the latents.
import { PigmentError } from '../../engine/requests/error.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'

export interface ChannelStatistics {
  /** (C) */
  readonly mean: Float64Array
  /** (C) */
  readonly deviation: Float64Array
}

/** Statistics of latents (N, C, cells). */
export function channelStatistics(latents: Float32Array, channels: number, cells: number): ChannelStatistics {
  const [mean, deviation] = [new Float64Array(channels), new Float64Array(channels)]
  const count = latents.length / channels
  latents.forEach((value, i) => {
    const c = Math.floor(i / cells) % channels
    mean[c] = (mean[c] ?? 0) + value / count
    deviation[c] = (deviation[c] ?? 0) + value ** 2 / count
  })
  for (let c = 0; c < channels; c++) deviation[c] = Math.sqrt((deviation[c] ?? 0) - (mean[c] ?? 0) ** 2)
  return { mean, deviation }
}

/** Latents (N, C, cells) with the statistics taken out, in place. */
export function whiten(latents: Float32Array, { mean, deviation }: ChannelStatistics, cells: number): void {
  for (let i = 0; i < latents.length; i++) {
    const c = Math.floor(i / cells) % mean.length
    latents[i] = ((latents[i] ?? 0) - (mean[c] ?? 0)) / (deviation[c] ?? 1)
  }
}

/** Statistics that, taken out of whitened latents, leave each channel the variance `weights` (C) gives it. */
export function sayStatistics(weights: Float32Array): ChannelStatistics {
  return { mean: new Float64Array(weights.length), deviation: Float64Array.from(weights, (weight) => 1 / Math.sqrt(weight)) }
}

/** The autoencoder whose encoder gives whitened latents and whose decoder takes them: the same pictures as before. */
export function foldStatistics(weights: ReadonlyMap<string, Tensor>, { mean, deviation }: ChannelStatistics): Map<string, Tensor> {
  const C = mean.length
  const [w, b, wp, bp] = ['quant_conv.weight', 'quant_conv.bias', 'post_quant_conv.weight', 'post_quant_conv.bias'].map((key) => {
    const found = weights.get(key)
    if (!found) throw new PigmentError('weight-missing', `The autoencoder has no "${key}", into which its statistics are folded.`, { key })
    return { shape: found.shape, data: found.data.slice() }
  }) as [Tensor, Tensor, Tensor, Tensor]
  for (let c = 0; c < C; c++) {
    const [mu, sigma] = [mean[c] ?? 0, deviation[c] ?? 1]
    for (let i = 0; i < 2 * C; i++) w.data[c * 2 * C + i] = (w.data[c * 2 * C + i] ?? 0) / sigma
    b.data[c] = ((b.data[c] ?? 0) - mu) / sigma
    // The second half of the channels is the logarithm of the variance.
    b.data[C + c] = (b.data[C + c] ?? 0) - 2 * Math.log(sigma)
    for (let o = 0; o < C; o++) {
      bp.data[o] = (bp.data[o] ?? 0) + (wp.data[o * C + c] ?? 0) * mu
      wp.data[o * C + c] = (wp.data[o * C + c] ?? 0) * sigma
    }
  }
  return new Map([
    ...weights,
    ['quant_conv.weight', w],
    ['quant_conv.bias', b],
    ['post_quant_conv.weight', wp],
    ['post_quant_conv.bias', bp],
  ])
}
