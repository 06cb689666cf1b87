// Configurations read off the shapes of weights under their diffusers (UNet, VAE) or Hugging Face (CLIP) keys.
import { PigmentError } from '../requests/error.ts'
import type { ClipTextConfig, UNetConfig, VaeConfig, WeightMap } from '../checkpoint/config.ts'
import type { Place } from './weights.ts'

/** What UNet shapes cannot say. */
export interface UNetFacts {
  readonly heads: (channels: number) => number
  readonly linearProjection: boolean
  readonly sampleSize: number
  /** Width of the pooled text, which shares the added input with six embedded numbers. */
  readonly pooledWidth?: number
}

/** What text encoder shapes cannot say. */
export type ClipFacts = Pick<ClipTextConfig, 'activation' | 'skip' | 'finalNorm'> & {
  readonly padsWithZero: boolean
  /** Whether its pooled text is used; elsewhere a stored projection is dead weight. */
  readonly pooled: boolean
}

/** Groups of every group norm in the three families. */
export const usualNormGroups = 32

/** The UNet's configuration; `facts` fill in what no shape shows. */
export function unetFromShapes(place: Place, weights: WeightMap, facts: UNetFacts): UNetConfig {
  const blockOutChannels = levels(place, weights, 'down_blocks', 'a UNet')
  const depth = (attention: string): number => count(weights, (n) => `${attention}.transformer_blocks.${n}.norm1.weight`)
  const inputDim = weights.get('add_embedding.linear_1.weight')?.shape[1]
  return {
    inChannels: dim(place, weights, 'conv_in.weight', 1),
    outChannels: dim(place, weights, 'conv_out.weight', 0),
    blockOutChannels,
    layersPerBlock: count(weights, (n) => `down_blocks.0.resnets.${n}.conv1.weight`),
    transformerLayers: blockOutChannels.map((_, i) => depth(`down_blocks.${i}.attentions.0`)),
    // Every supported family has attention in the middle; a file without it is told so by the list of modules.
    midTransformerLayers: Math.max(1, depth('mid_block.attentions.0')),
    heads: blockOutChannels.map(facts.heads),
    crossAttentionDim: dim(place, weights, 'mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight', 1),
    normGroups: usualNormGroups,
    normEps: 1e-5,
    linearProjection: facts.linearProjection,
    ...(inputDim === undefined ? {} : { addedCondition: { inputDim, timeEmbedDim: (inputDim - (facts.pooledWidth ?? 0)) / 6 } }),
    sampleSize: facts.sampleSize,
  }
}

/** The VAE's configuration. */
export function vaeFromShapes(place: Place, weights: WeightMap, scalingFactor: number): VaeConfig {
  return {
    inChannels: dim(place, weights, 'encoder.conv_in.weight', 1),
    latentChannels: dim(place, weights, 'decoder.conv_in.weight', 1),
    blockOutChannels: levels(place, weights, 'encoder.down_blocks', 'a VAE'),
    layersPerBlock: count(weights, (n) => `encoder.down_blocks.0.resnets.${n}.conv1.weight`),
    normGroups: usualNormGroups,
    scalingFactor,
  }
}

/** The text encoder's configuration. The two special tokens are the last of CLIP's 49408; a smaller vocabulary ends with them too. */
export function clipFromShapes(place: Place, weights: WeightMap, facts: ClipFacts): ClipTextConfig {
  const { padsWithZero, pooled } = facts
  const embedding = 'text_model.embeddings.token_embedding.weight'
  const vocabSize = dim(place, weights, embedding, 0)
  const width = dim(place, weights, embedding, 1)
  const projection = pooled ? weights.get('text_projection.weight') : undefined
  const eosId = Math.min(vocabSize, 49408) - 1
  return {
    vocabSize,
    width,
    layers: count(weights, (n) => `text_model.encoder.layers.${n}.layer_norm1.weight`),
    heads: headsOfSize(64)(width),
    mlpWidth: dim(place, weights, 'text_model.encoder.layers.0.mlp.fc1.weight', 0),
    positions: dim(place, weights, 'text_model.embeddings.position_embedding.weight', 0),
    layerNormEps: 1e-5,
    ...(projection ? { projection: projection.shape[projection.transposed ? 1 : 0] } : {}),
    bosId: eosId - 1,
    eosId,
    padId: padsWithZero ? 0 : eosId,
    activation: facts.activation,
    skip: facts.skip,
    finalNorm: facts.finalNorm,
  }
}

/** Heads of `size` channels each; where that does not divide, the next smaller number of heads that does, and at least one. */
export const headsOfSize =
  (size: number) =>
  (channels: number): number =>
    largestDivisor(channels, Math.floor(channels / size))

/** `wanted` heads; where that does not divide, the next smaller number of heads that does. */
export const headsInNumber =
  (wanted: number) =>
  (channels: number): number =>
    largestDivisor(channels, wanted)

function largestDivisor(n: number, most: number): number {
  for (let d = most; d > 1; d--) if (n % d === 0) return d
  return 1
}

function levels(place: Place, weights: WeightMap, blocks: string, what: string): number[] {
  const key = (n: number): string => `${blocks}.${n}.resnets.0.conv1.weight`
  const channels = Array.from({ length: count(weights, key) }, (_, i) => dim(place, weights, key(i), 0))
  if (channels.length === 0) throw missing(place, key(0), what)
  return channels
}

function count(weights: WeightMap, key: (n: number) => string): number {
  let n = 0
  while (weights.has(key(n))) n++
  return n
}

function dim(place: Place, weights: WeightMap, key: string, axis: number): number {
  const source = weights.get(key)
  const size = source?.shape[axis]
  if (size === undefined) throw missing(place, key, `a ${place.network}`)
  return size
}

function missing({ path, network }: Place, key: string, what: string): PigmentError {
  return new PigmentError(
    'checkpoint-incomplete',
    `"${path}": the ${network} has no "${key}", which ${what} of this family cannot be without. The file may be damaged or pruned; get it again.`,
    { path, network, missing: [key], missingCount: 1, misshapen: [], misshapenCount: 0 },
  )
}
