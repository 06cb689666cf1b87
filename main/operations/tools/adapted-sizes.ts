import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { methodOf, type MethodRequest } from '../../../engine/training/methods/method.ts'
import { pairStartOf } from '../../../engine/training/pair-start.ts'
import { trainedNetworks, type TrainedNetwork } from '../../../engine/training/trained-networks.ts'
import { variantOf } from '../../../engine/training/variant-of-request.ts'

export interface AdaptedSizes {
  /** Numbers that are learnt, as the method of the request has them. */
  readonly trainable: number
  readonly layers: number
  /** Numbers of the file: what stays as it was drawn is in it too, and twice the pairs where what was taken from the weights is given back. */
  readonly filed: number
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
  const vectors = networks.flatMap((network) => (network.vectors === undefined ? [] : [[network.vectors, widthOf(network)]]))
  const trainable = count(learnt) + count(vectors)
  if (learntOf) return { trainable, layers: adapted.length, filed: trainable }
  const { variant, options: own } = variantOf(request)
  const whole = adapted.flatMap(({ network, ...layer }) => {
    const { rank } = network.shapeOf?.(layer.path, layer.weight) ?? request
    return variant.training.create(layer, { ...own, rank }).map(({ shape }) => shape)
  })
  return { trainable, layers: adapted.length, filed: count(whole) * (pairStartOf(request).one.taken ? 2 : 1) + count(vectors) }
}

/** Of a text encoder's vectors. */
const widthOf = ({ weights }: TrainedNetwork): number => weights.get('text_model.embeddings.token_embedding.weight')?.shape[1] ?? 0

const count = (shapes: readonly (readonly number[])[]): number => shapes.reduce((sum, shape) => sum + elementCount(shape), 0)
