// The frozen weights of a training run, packed before its graph is made where the request asks for fewer bits. One weight after the other: more than
// the largest of them and the result is never in memory.
import type { WeightMap } from '../checkpoint/config.ts'
import type { TrainEvent, TrainRequest } from '../requests/train.ts'
import { shapeOf, type BaseWeights, type PackedWeight, type WeightCodec } from '../weights/codec.ts'
import { weightCodecs } from '../weights/index.ts'
import { readWeight } from '../weights/read-weight.ts'
import { stopWhereAsked } from './prepare-training.ts'

/** How a request has the frozen weights kept; undefined where they stay as their file has them. */
export const baseCodec = ({ baseWeights }: Partial<Pick<TrainRequest, 'baseWeights'>>): WeightCodec | undefined =>
  weightCodecs.find(({ name, packing }) => name === baseWeights && packing)

/** Throws `cancelled` between two weights. */
export async function* packedBase(
  weights: WeightMap,
  request: Partial<Pick<TrainRequest, 'baseWeights'>>,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, BaseWeights | undefined> {
  const codec = baseCodec(request)
  if (!codec?.packing) return undefined
  const { packing } = codec
  const held = [...weights].filter(([, source]) => packing.holds(shapeOf(source)))
  const packed = new Map<string, PackedWeight>()
  for (const [i, [key, source]] of held.entries()) {
    yield { type: 'prepare', stage: 'graph', done: i, total: held.length }
    stopWhereAsked(signal, `Stopped after ${i} of ${held.length} weights were packed`)
    packed.set(key, packing.pack(await readWeight(source)))
  }
  return { codec, packed }
}
