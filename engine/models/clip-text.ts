// CLIP text encoders: OpenAI ViT-L and OpenCLIP H / bigG in Hugging Face naming. N batch, T tokens, D width.
// Reference: transformers models/clip/modeling_clip.py.
import type { Value } from '../graph/graph.ts'
import { add, gather, matMul, mul, reduceSum, reshape, sub, where } from '../graph/math.ts'
import { attention, gelu, layerNorm, linear, quickGelu } from '../nn/layers.ts'
import type { Parameters } from '../nn/parameters.ts'
import type { ClipTextConfig } from '../checkpoint/config.ts'

export interface ClipTextOutputs {
  /** What conditions the UNet: the hidden state that the configuration names, (N, T, D). */
  readonly context: Value
  /** Last layer after the final norm, (N, T, D). */
  readonly last: Value
  /** Projected state at the end-of-text token, (N, P); only with a projection and `endOfText`. */
  readonly pooled?: Value
}

/** Vectors in place of tokens' own: `table` (R, D), and `rows` int64 (N, T), which of them stands there; at 0 the token's own stays. */
export interface InsertedInputs {
  readonly table: Value
  readonly rows: Value
}

export interface ClipTextOptions {
  /** What stands at each position in place of the tokens' own vectors; both (N, T, D). */
  readonly instead?: (tokens: Value) => Value
  /** Compute inner values of each layer again in the backward walk instead of keeping them. */
  readonly recompute?: boolean
}

/** `ids` int64 (N, T); `endOfText` (N, T, 1) is 1 at each row's first end token and 0 elsewhere. */
export function buildClipText(
  p: Parameters,
  config: ClipTextConfig,
  ids: Value,
  endOfText?: Value,
  { instead, recompute }: ClipTextOptions = {},
): ClipTextOutputs {
  const { graph } = p
  const { layers, heads, positions, skip, finalNorm, layerNormEps } = config
  const act = config.activation === 'gelu' ? gelu : quickGelu
  const root = 'text_model'
  const mask = graph.constant('float32', [1, 1, positions, positions], causalMask(positions))
  const compute = (layer: string, x: Value): Value => {
    const normed = layerNorm(p, `${layer}.layer_norm1`, x, layerNormEps)
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((name) => linear(p, `${layer}.self_attn.${name}`, normed)) as [Value, Value, Value]
    const y = add(x, linear(p, `${layer}.self_attn.out_proj`, attention(q, k, v, { heads, mask })))
    return add(y, linear(p, `${layer}.mlp.fc2`, act(linear(p, `${layer}.mlp.fc1`, layerNorm(p, `${layer}.layer_norm2`, y, layerNormEps)))))
  }
  const block = (layer: string, x: Value): Value => (recompute ? graph.recomputed(layer, () => compute(layer, x)) : compute(layer, x))
  const tokens = gather(p.get(`${root}.embeddings.token_embedding.weight`), ids)
  let x = add(instead ? instead(tokens) : tokens, p.get(`${root}.embeddings.position_embedding.weight`))
  const hidden = [x]
  for (let n = 0; n < layers; n++) {
    x = block(`${root}.encoder.layers.${n}`, x)
    hidden.push(x)
  }
  const norm = (value: Value) => layerNorm(p, `${root}.final_layer_norm`, value, layerNormEps)
  const last = norm(x)
  const chosen = hidden[hidden.length - skip] as Value
  const context = finalNorm ? (skip === 1 ? last : norm(chosen)) : chosen
  if (!config.projection || !endOfText) return { context, last }
  const atEnd = reduceSum(mul(last, endOfText), [1], false) // (N, D)
  return { context, last, pooled: linear(p, 'text_projection', atEnd) }
}

export const insertedVectors =
  ({ table, rows }: InsertedInputs) =>
  (tokens: Value): Value => {
    const { graph } = tokens
    const [none] = graph.op('Equal', [reshape(rows, [0, 0, 1]), graph.constant('int64', [], [0])])
    return where(none as Value, tokens, gather(table, rows))
  }

/** Vectors that learn, (R, D): `places` (N, T, R) is 1 where one of them stands and 0 elsewhere. A product, whose gradient is summed in one order on every device. */
export const placedVectors =
  (places: Value, vectors: Value) =>
  (tokens: Value): Value =>
    add(mul(tokens, sub(1, reduceSum(places, [-1]))), matMul(places, vectors))

/** −∞ above the diagonal: a token sees itself and what is before it. Padding is not masked. */
function causalMask(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % size > Math.floor(i / size) ? -Infinity : 0))
}
