import { splitModuleKey } from '../../../engine/adapter-formats/base-modules.ts'
import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { layerChoice } from '../../../engine/training/layer-choice.ts'
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
  const { targets, shapeOf } = layerChoice(familyCalled(family), checkpoint.unet.config, request)
  const { method, options } = methodOf(request)
  const layers = [...shapes].map(([key, weight]) => ({ ...splitModuleKey(key), weight }))
  const adapted = layers.filter(({ component, path }) => component === 'unet' && targets.test(path))
  const { learntOf } = method
  const learnt = learntOf
    ? trainedNetworks(checkpoint, request).flatMap((network) => learntOf(network, options))
    : adapted.flatMap((layer) => method.learnt(layer, { ...request, ...shapeOf(layer.path, layer.weight) }, options))
  return { trainable: learnt.reduce((sum, shape) => sum + elementCount(shape), 0), layers: adapted.length }
}
