// AutoencoderKL. N batch, C channels, H W pixels or cells.
// Reference: diffusers models/autoencoders/autoencoder_kl.py, vae.py.
import type { Value } from '../graph/graph.ts'
import { add, clip, pad, split, upsample2 } from '../graph/math.ts'
import { attention, conv2d, fromTokens, groupNorm, linear, silu, toTokens } from '../nn/layers.ts'
import type { Parameters } from '../nn/parameters.ts'
import type { VaeConfig } from '../checkpoint/config.ts'

const epsilon = 1e-6

export interface Posterior {
  /** (N, latent, H/f, W/f), not yet multiplied by the scaling factor. */
  readonly mean: Value
  readonly logVariance: Value
}

/** Pixels in [−1, 1], (N, 3, H, W) → mean and log-variance of the latent. */
export function buildVaeEncoder(p: Parameters, config: VaeConfig, pixels: Value): Posterior {
  const { blockOutChannels, layersPerBlock, normGroups, latentChannels } = config
  let h = conv2d(p, 'encoder.conv_in', pixels)
  blockOutChannels.forEach((_, i) => {
    for (let j = 0; j < layersPerBlock; j++) h = resnet(p, `encoder.down_blocks.${i}.resnets.${j}`, h, normGroups)
    // Padded on the right and bottom only, unlike the UNet's downsampler.
    if (i < blockOutChannels.length - 1)
      h = conv2d(p, `encoder.down_blocks.${i}.downsamplers.0.conv`, pad(h, [0, 0, 0, 0, 0, 0, 1, 1]), { stride: 2 })
  })
  h = middle(p, 'encoder.mid_block', h, normGroups)
  h = conv2d(p, 'encoder.conv_out', silu(groupNorm(p, 'encoder.conv_norm_out', h, normGroups, epsilon)))
  if (p.has('quant_conv.weight')) h = conv2d(p, 'quant_conv', h, {})
  const [mean, logVariance] = split(h, 1, [latentChannels, latentChannels])
  return { mean: mean as Value, logVariance: clip(logVariance as Value, -30, 20) }
}

/** Latents (already divided by the scaling factor) → pixels, about [−1, 1]. */
export function buildVaeDecoder(p: Parameters, config: VaeConfig, latents: Value): Value {
  const { blockOutChannels, layersPerBlock, normGroups } = config
  let h = p.has('post_quant_conv.weight') ? conv2d(p, 'post_quant_conv', latents, {}) : latents
  h = conv2d(p, 'decoder.conv_in', h)
  h = middle(p, 'decoder.mid_block', h, normGroups)
  blockOutChannels.forEach((_, i) => {
    for (let j = 0; j <= layersPerBlock; j++) h = resnet(p, `decoder.up_blocks.${i}.resnets.${j}`, h, normGroups)
    if (i < blockOutChannels.length - 1) h = conv2d(p, `decoder.up_blocks.${i}.upsamplers.0.conv`, upsample2(h))
  })
  return conv2d(p, 'decoder.conv_out', silu(groupNorm(p, 'decoder.conv_norm_out', h, normGroups, epsilon)))
}

function middle(p: Parameters, path: string, x: Value, groups: number): Value {
  let h = resnet(p, `${path}.resnets.0`, x, groups)
  const name = `${path}.attentions.0`
  if (p.has(`${name}.to_q.weight`)) {
    const tokens = toTokens(groupNorm(p, `${name}.group_norm`, h, groups, epsilon)) // (N, H·W, C)
    const mixed = attention(linear(p, `${name}.to_q`, tokens), linear(p, `${name}.to_k`, tokens), linear(p, `${name}.to_v`, tokens), {
      heads: 1,
    })
    h = add(h, fromTokens(linear(p, `${name}.to_out.0`, mixed), h))
  }
  return resnet(p, `${path}.resnets.1`, h, groups)
}

function resnet(p: Parameters, path: string, x: Value, groups: number): Value {
  return x.graph.scope(path, () => {
    let h = conv2d(p, `${path}.conv1`, silu(groupNorm(p, `${path}.norm1`, x, groups, epsilon)))
    h = conv2d(p, `${path}.conv2`, silu(groupNorm(p, `${path}.norm2`, h, groups, epsilon)))
    const shortcut = p.has(`${path}.conv_shortcut.weight`) ? conv2d(p, `${path}.conv_shortcut`, x, {}) : x
    return add(shortcut, h)
  })
}
