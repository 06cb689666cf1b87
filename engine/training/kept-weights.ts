// How the frozen weights of a run are kept: as its request says, or, where they stay as their file has them and are many, held once in memory.
import { held } from '../weights/stored/held.ts'
import type { Packing } from '../weights/codec.ts'
import { basePacking } from './base-packing.ts'
import { methodOf, type MethodRequest } from './methods/method.ts'

export type KeptRequest = Partial<Pick<MethodRequest, 'method' | 'methodOptions' | 'baseWeights' | 'baseWeightsOptions'>>

export interface KeptFacts {
  /** All frozen weights. */
  readonly parameters: number
  readonly provider?: string | undefined
  readonly precision?: string | undefined
}

/** Up to here four copies in fp32 cost less memory than the runtime itself, and a step is quicker with them. */
const few = 64e6

/** Throws what `basePacking` and `methodOf` throw. */
export function keptWeights(request: KeptRequest, { parameters, provider = 'cpu', precision = 'fp32' }: KeptFacts): Packing | undefined {
  const packing = basePacking(request)
  if (packing || provider !== 'cpu' || precision !== 'fp32' || parameters <= few) return packing
  // Weights that are learnt themselves are not frozen.
  return methodOf(request as MethodRequest).method.learntOf ? undefined : held
}
