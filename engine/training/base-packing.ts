// Which packing a request names; whoever looks at a request may ask, without the runtime that packs.
import { chosenOf } from '../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../requests/train.ts'
import type { Packing } from '../weights/codec.ts'
import { weightCodecs } from '../weights/index.ts'

export type BaseRequest = Partial<Pick<TrainRequest, 'baseWeights' | 'baseWeightsOptions'>>

/**
 * How a request has the frozen weights kept; undefined where they stay as their file has them. Throws `base-weights-option-unknown`,
 * `base-weights-option-invalid`.
 */
export function basePacking(request: BaseRequest): Packing | undefined {
  const chosen = chosenOf({ field: 'baseWeights', choices: weightCodecs, request: trainRequest }, request)
  return chosen?.one.packing?.(chosen.options)
}
