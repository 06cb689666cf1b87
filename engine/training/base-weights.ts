// The frozen weights of a training run, packed before its graph is made where the request asks for fewer bits. One weight after the other, piece by
// piece: the result and a piece are in memory, or the weight in hand where its packing needs it whole.
import { isEmbedding } from '../adapters/adapter.ts'
import type { Checkpoint, WeightMap } from '../checkpoint/config.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { ProductSession } from '../runtime/product-session.ts'
import { pieceSize, shapeOf, type BaseWeights, type PackedWeight, type Packing } from '../weights/codec.ts'
import { readWeightBytes, weightPieces } from '../weights/read-weight.ts'
import { elementCount } from '../tensor/tensor.ts'
import { keptWeights, type KeptFacts, type KeptRequest } from './kept-weights.ts'
import type { LayerRequest } from './layer-choice.ts'
import { stopWhereAsked } from './prepare-training.ts'
import { nameIn, trainedNetworks, type TrainedNetwork } from './trained-networks.ts'

/** Weights of the networks that a step computes, by their names in its graph: the UNet's, and those of text encoders that learn. */
export function frozenBase(checkpoint: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>, request: LayerRequest): WeightMap {
  const texts = trainedNetworks(checkpoint, request).filter(({ component }) => component !== 'unet')
  const named = texts.flatMap((network) => [...network.weights].map(([key, source]) => [nameIn(network, key), source] as const))
  return new Map([...checkpoint.unet.weights, ...named])
}

/** What of them one network has, by its own keys. */
export function baseOf(network: TrainedNetwork, { packed, ...base }: BaseWeights): BaseWeights {
  const own = [...network.weights.keys()].flatMap((key): [string, PackedWeight][] => {
    const weight = packed?.get(nameIn(network, key))
    return weight ? [[key, weight]] : []
  })
  return { ...base, ...(packed ? { packed: new Map(own) } : {}) }
}

/** Throws `cancelled` between two weights, `file-changed`, and what `basePacking` throws. `facts`: of the weights, what is not told by themselves. */
export async function* packedBase(
  weights: WeightMap,
  request: KeptRequest,
  { signal, ...facts }: Omit<KeptFacts, 'parameters'> & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<TrainEvent, BaseWeights | undefined> {
  const parameters = [...weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const packing = keptWeights(request, { ...facts, parameters })
  return packing && (yield* packedAs(packing, weights, signal))
}

/** The same by a packing that is known. */
export async function* packedAs(packing: Packing, weights: WeightMap, signal?: AbortSignal): AsyncGenerator<TrainEvent, BaseWeights> {
  await using products = packing.multiplies ? await ProductSession.open() : undefined
  const held = [...weights].filter(([key, source]) => !isEmbedding(key) && packing.holds(shapeOf(source)))
  const packed = new Map<string, PackedWeight>()
  for (const [i, [key, source]] of held.entries()) {
    yield { type: 'prepare', stage: 'graph', done: i, total: held.length }
    stopWhereAsked(signal, `Stopped after ${i} of ${held.length} weights were packed`)
    const stored = source.transposed ? {} : { stored: { dtype: source.dtype, bytes: () => readWeightBytes(source) } }
    const weight = { shape: shapeOf(source), pieces: () => weightPieces(source, pieceSize), ...stored }
    packed.set(key, await packing.pack({ ...weight, ...(products ? { multiply: products.multiply } : {}) }))
  }
  return { packing, packed }
}
