import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
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
  const { shapes } = moduleShapes(checkpoint)
  const { method, options } = methodOf(request)
  const networks = trainedNetworks(checkpoint, request)
  const adapted = networks.flatMap((network) =>
    [...network.weights.keys()].flatMap((key) => {
      const [component, path] = [network.component, key.replace(/\.weight$/, '')]
      const weight = shapes.get(`${component}.${path}`)
      return path !== key && weight && network.targets.test(path) ? [{ network, component, path, weight }] : []
    }),
  )
  const { learntOf } = method
  const learnt = learntOf
    ? networks.flatMap((network) => learntOf(network, options))
    : adapted.flatMap(({ network, ...layer }) =>
        method.learnt(layer, { ...request, ...network.shapeOf?.(layer.path, layer.weight) }, options),
      )
  return { trainable: learnt.reduce((sum, shape) => sum + elementCount(shape), 0), layers: adapted.length }
}
