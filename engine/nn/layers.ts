// Layers as functions of values. N batch, C channels, H W cells, T tokens, D width, R rank.
import '../ops/index.ts'
import type { Value } from '../graph/graph.ts'
import {
  add,
  concat,
  div,
  erf,
  ints,
  matMul,
  mul,
  reshape,
  reshapeTo,
  shapeOf,
  sigmoid,
  softmax,
  split,
  transpose,
  type Window,
} from '../graph/math.ts'
import { convLayer, linearLayer } from './frozen-layer.ts'
import { elementsOf } from '../graph/size-of-dim.ts'
import type { Parameters } from './parameters.ts'
import { wrapped } from './wrap.ts'

/** x·Wᵀ + b, with what an adapter makes of it where the module is adapted. A 1×1 convolution's weight counts as a matrix. */
export function linear(p: Parameters, path: string, x: Value): Value {
  const layer = linearLayer(p, path)
  return p.adapted(layer, x) ?? layer.output(x)
}

/** x * W + b, with what an adapter makes of it where the module is adapted. */
export function conv2d(p: Parameters, path: string, x: Value, window: Window = { pads: [1, 1, 1, 1] }): Value {
  const [around, inner] = wrapped(x, window, p.wraps)
  const layer = convLayer(p, path, inner)
  return p.adapted(layer, around) ?? layer.output(around)
}

export const silu = (x: Value): Value => mul(x, sigmoid(x))
/** x·Φ(x), exact. */
export const gelu = (x: Value): Value => mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1))
/** x·σ(1.702x), as OpenAI's CLIP was trained. */
export const quickGelu = (x: Value): Value => mul(x, sigmoid(mul(x, 1.702)))

/** Group normalisation of (N, C, H, W): each of `groups` channel groups to zero mean and unit variance, then γ and β by channel. */
export function groupNorm(p: Parameters, path: string, x: Value, groups: number, epsilon: number): Value {
  const g = x.graph
  const channels = x.dim(1) as number
  const ones = g.constant('float32', [groups], new Float32Array(groups).fill(1))
  const none = g.constant('float32', [groups], new Float32Array(groups))
  const grouped = reshape(x, [0, groups, -1]) // (N, groups, C/groups·H·W)
  const flat = g.op('InstanceNormalization', [grouped, ones, none], { epsilon })[0] as Value
  const hat = reshapeTo(flat, shapeOf(x))
  return add(mul(hat, reshape(p.get(`${path}.weight`), [channels, 1, 1])), reshape(p.get(`${path}.bias`), [channels, 1, 1]))
}

export function layerNorm(p: Parameters, path: string, x: Value, epsilon = 1e-5): Value {
  return x.graph.op('LayerNormalization', [x, p.get(`${path}.weight`), p.get(`${path}.bias`)], { axis: -1, epsilon })[0] as Value
}

export interface AttentionOptions {
  readonly heads: number
  /** Added to the scores before the softmax; broadcasts to (N, heads, T, T′). */
  readonly mask?: Value
  /** One fused kernel at any size: for inference. */
  readonly fused?: boolean
}

/**
 * Numbers in N·heads·T·T′ scores from which on they are not kept, but computed again: forward and backward, the open form takes 0.8 of the time at
 * 2²³, as much at 2²⁵, and more beyond, where each such matrix takes 128 MB.
 */
const manyScores = 2 ** 25

/** softmax(q·kᵀ / √d)·v of (N, T, D) queries over (N, T′, D) keys and values. */
export function attention(q: Value, k: Value, v: Value, { heads, mask, fused }: AttentionOptions): Value {
  const width = q.dim(-1) as number
  const size = width / heads
  const scoreCount = elementsOf([q.dim(0), heads, q.dim(1), k.dim(1)], q.graph.expected) ?? 0
  if ((fused && !mask) || scoreCount > manyScores) {
    const masks = mask ? [undefined, undefined, mask] : []
    return q.graph.op('MultiHeadAttention', [q, k, v, ...masks], { num_heads: heads })[0] as Value
  }
  const byHead = (x: Value, order: readonly number[]) => transpose(reshape(x, [0, 0, heads, size]), order)
  const scores = matMul(byHead(mul(q, 1 / Math.sqrt(size)), [0, 2, 1, 3]), byHead(k, [0, 2, 3, 1])) // (N, heads, T, T′)
  const weights = softmax(mask ? add(scores, mask) : scores)
  const mixed = matMul(weights, byHead(v, [0, 2, 1, 3])) // (N, heads, T, D/heads)
  return reshape(transpose(mixed, [0, 2, 1, 3]), [0, 0, width]) // (N, T, D)
}

/** First half times gelu of the second half of a doubled projection. */
export function geglu(p: Parameters, path: string, x: Value): Value {
  const doubled = linear(p, path, x)
  const half = (doubled.dim(-1) as number) / 2
  const [value, gate] = split(doubled, -1, [half, half])
  return mul(value as Value, gelu(gate as Value))
}

/** (N, C, H, W) → (N, H·W, C). */
export function toTokens(x: Value): Value {
  return reshape(transpose(x, [0, 2, 3, 1]), [0, -1, x.dim(1) as number])
}

/** (N, H·W, C) → (N, C, H, W) with N, H and W of `like`. */
export function fromTokens(tokens: Value, like: Value): Value {
  const shape = concat([shapeOf(like, 0, 1), shapeOf(like, 2, 4), ints(like.graph, [tokens.dim(-1) as number])], 0)
  return transpose(reshapeTo(tokens, shape), [0, 3, 1, 2])
}
