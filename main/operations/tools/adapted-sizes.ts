import { splitModuleKey } from '../../../engine/adapter-formats/base-modules.ts'
import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { methodOf, type MethodRequest } from '../../../engine/training/methods/method.ts'
import { trainedNetworks } from '../../../engine/training/trained-networks.ts'

export interface AdaptedSizes {
  /** Numbers that are learnt, as the method of the request has them. */
  readonly trainable: number
  readonly layers: number
}

export interface SizeQuestion {
  readonly path: string
  readonly request: MethodRequest
}

/** Over the layers that training adapts. */
export async function adaptedSizes({ path, request }: SizeQuestion): Promise<AdaptedSizes> {
  const checkpoint = await openCheckpoint(path)
  const { family, shapes } = moduleShapes(checkpoint)
  const targets = familyCalled(family).targets[request.layers]
  const { method, options } = methodOf(request)
  const adapted = [...shapes].filter(([key]) => key.startsWith('unet.') && targets.test(key))
  const { learntOf } = method
  const learnt = learntOf
    ? trainedNetworks(checkpoint, request).flatMap((network) => learntOf(network, options))
    : adapted.flatMap(([key, weight]) => method.learnt({ ...splitModuleKey(key), weight }, request, options))
  return { trainable: learnt.reduce((sum, shape) => sum + elementCount(shape), 0), layers: adapted.length }
}
