// UNet2DConditionModel of SD 1.x, SD 2.x and SDXL. N batch, C channels, H W latent cells, T tokens, D width.
// Reference: diffusers models/unets/unet_2d_condition.py, resnet.py, attention.py.
import type { Value } from '../graph/graph.ts'
import { add, concat, reshape, shapeOf, slice, upsample2 } from '../graph/math.ts'
import { attention, conv2d, fromTokens, geglu, groupNorm, layerNorm, linear, silu, toTokens } from '../nn/layers.ts'
import type { Parameters } from '../nn/parameters.ts'
import type { Regions } from '../nn/regions.ts'
import type { UNetConfig } from '../checkpoint/config.ts'
import { sinusoid } from './sinusoid.ts'
import { placeOf } from './unet-places.ts'

export interface UNetInputs {
  /** Noisy latents (N, C, H, W). */
  readonly sample: Value
  /** Timesteps (N), possibly fractional. */
  readonly timestep: Value
  /** Text states (N, T, D). */
  readonly context: Value
  /** What is embedded beside the timestep, (N, `addedCondition.inputDim`); built where it is needed. */
  readonly added?: () => Value
}

export interface BuildOptions {
  /** Compute inner values of each block again in the backward walk instead of keeping them. */
  readonly recompute?: boolean
  /** Fused attention kernels, for inference. */
  readonly fused?: boolean
  /** Adapters act in regions: the text is in a block for each group of them, (N, G·T, D). */
  readonly regions?: Regions
}

/** The predicted noise (or v), (N, C, H, W). */
export function buildUNet(p: Parameters, config: UNetConfig, inputs: UNetInputs, options: BuildOptions = {}): Value {
  return new UNet(p, config, options).forward(inputs)
}

class UNet {
  readonly #p: Parameters
  readonly #config: UNetConfig
  readonly #options: BuildOptions
  constructor(p: Parameters, config: UNetConfig, options: BuildOptions) {
    this.#p = p
    this.#config = config
    this.#options = options
  }

  forward({ sample, timestep, context, added }: UNetInputs): Value {
    const p = this.#p
    const { blockOutChannels, layersPerBlock, transformerLayers, midTransformerLayers, heads, normGroups, normEps } = this.#config
    const last = blockOutChannels.length - 1
    const embedding = silu(this.#timeEmbedding(timestep, added)) // every block uses it after SiLU
    const skips: Value[] = []
    let h = conv2d(p, 'conv_in', sample)
    skips.push(h)
    for (let i = 0; i <= last; i++) {
      for (let j = 0; j < layersPerBlock; j++) {
        h = this.#resnet(`down_blocks.${i}.resnets.${j}`, h, embedding)
        h = this.#transformer(`down_blocks.${i}.attentions.${j}`, h, context, transformerLayers[i] ?? 0, heads[i] ?? 1)
        skips.push(h)
      }
      if (i < last) {
        h = conv2d(p, `down_blocks.${i}.downsamplers.0.conv`, h, { stride: 2, pads: [1, 1, 1, 1] })
        skips.push(h)
      }
    }
    h = this.#resnet('mid_block.resnets.0', h, embedding)
    h = this.#transformer('mid_block.attentions.0', h, context, midTransformerLayers, heads[last] ?? 1)
    h = this.#resnet('mid_block.resnets.1', h, embedding)
    for (let i = 0; i <= last; i++) {
      const level = last - i
      for (let j = 0; j <= layersPerBlock; j++) {
        h = concat([h, skips.pop() as Value], 1)
        h = this.#resnet(`up_blocks.${i}.resnets.${j}`, h, embedding)
        h = this.#transformer(`up_blocks.${i}.attentions.${j}`, h, context, transformerLayers[level] ?? 0, heads[level] ?? 1)
      }
      if (i < last) h = conv2d(p, `up_blocks.${i}.upsamplers.0.conv`, cropTo(upsample2(h), skips.at(-1) as Value))
    }
    return conv2d(p, 'conv_out', silu(groupNorm(p, 'conv_norm_out', h, normGroups, normEps)))
  }

  #timeEmbedding(timestep: Value, added: UNetInputs['added']): Value {
    const p = this.#p
    const width = this.#config.blockOutChannels[0] ?? 0
    let embedding = linear(p, 'time_embedding.linear_2', silu(linear(p, 'time_embedding.linear_1', sinusoid(timestep, width))))
    if (added) embedding = add(embedding, linear(p, 'add_embedding.linear_2', silu(linear(p, 'add_embedding.linear_1', added()))))
    return embedding // (N, 4·C₀)
  }

  #resnet(path: string, x: Value, embedding: Value): Value {
    const p = this.#p
    const { normGroups, normEps } = this.#config
    return this.#block(path, x, () => {
      let h = conv2d(p, `${path}.conv1`, silu(groupNorm(p, `${path}.norm1`, x, normGroups, normEps)))
      h = add(h, this.#shift(path, embedding, h))
      h = conv2d(p, `${path}.conv2`, silu(groupNorm(p, `${path}.norm2`, h, normGroups, normEps)))
      const shortcut = p.has(`${path}.conv_shortcut.weight`) ? conv2d(p, `${path}.conv_shortcut`, x, {}) : x
      return add(shortcut, h)
    })
  }

  /** What the timestep adds to each channel: (N, C, 1, 1), or to each cell (N, C, H, W) where it is another in each region. */
  #shift(path: string, embedding: Value, h: Value): Value {
    const { regions } = this.#options
    const project = (vector: Value): Value => linear(this.#p, `${path}.time_emb_proj`, vector)
    if (regions) {
      const groups = project(reshape(embedding, [0, 1, embedding.dim(1) as number])) // (N, G, C)
      return fromTokens(regions.spread(groups, placeOf(`${path}.conv1`, this.#config) as number), h)
    }
    const shift = project(embedding)
    return reshape(shift, [0, shift.dim(1) as number, 1, 1])
  }

  #transformer(path: string, x: Value, context: Value, depth: number, heads: number): Value {
    if (depth === 0) return x
    const p = this.#p
    return this.#block(path, x, () => {
      // proj_in as 1×1 convolution (SD1) and as matrix on tokens (SD2, SDXL) are the same product.
      let h = linear(p, `${path}.proj_in`, toTokens(groupNorm(p, `${path}.norm`, x, this.#config.normGroups, 1e-6))) // (N, H·W, C)
      for (let n = 0; n < depth; n++) {
        const block = `${path}.transformer_blocks.${n}`
        const normed = layerNorm(p, `${block}.norm1`, h)
        const seen = this.#attend(`${block}.attn1`, normed, normed, heads)
        this.#options.regions?.see(block, seen)
        h = add(h, seen)
        h = add(h, this.#attend(`${block}.attn2`, layerNorm(p, `${block}.norm2`, h), context, heads))
        h = add(h, linear(p, `${block}.ff.net.2`, geglu(p, `${block}.ff.net.0.proj`, layerNorm(p, `${block}.norm3`, h))))
      }
      return add(fromTokens(linear(p, `${path}.proj_out`, h), x), x)
    })
  }

  #attend(path: string, x: Value, context: Value, heads: number): Value {
    const p = this.#p
    const { fused = false, regions } = this.#options
    const [q, k, v] = [linear(p, `${path}.to_q`, x), linear(p, `${path}.to_k`, context), linear(p, `${path}.to_v`, context)]
    const mixed =
      regions && context !== x
        ? regions.attention(q, k, v, { heads, level: placeOf(`${path}.to_q`, this.#config) as number, block: path.replace(/\.attn2$/, '') })
        : attention(q, k, v, { heads, fused })
    return linear(p, `${path}.to_out.0`, mixed)
  }

  #block(path: string, x: Value, body: () => Value): Value {
    return x.graph.scope(path, () => (this.#options.recompute ? x.graph.recomputed(path, body) : body()))
  }
}

/** An odd side makes the upsampled map one cell too large: cut it to the size of the skip it meets. */
function cropTo(x: Value, like: Value): Value {
  let h = x
  for (const axis of [2, 3]) {
    const same = typeof x.dim(axis) === 'number' && x.dim(axis) === like.dim(axis)
    if (!same) h = slice(h, axis, 0, shapeOf(like, axis, axis + 1))
  }
  return h
}
