// The tensors of an adapter, as its variant has them, with nothing beside their gradient.
import { z } from 'zod'
import type { TensorSource } from '../../checkpoint/config.ts'
import { readWeight } from '../../weights/read-weight.ts'
import { adaptedLayers } from '../adapted-layers.ts'
import { adapterPlan } from '../adapter-plan.ts'
import type { ReadBase } from '../adapter-start.ts'
import { variantOf } from '../variant-of-request.ts'
import type { TrainingMethod } from './method.ts'

export const adapter: TrainingMethod = {
  name: 'adapter',
  title: 'Adapter',
  sentence: 'Trains the chosen kind of adapter as it is: the plain way, with which everything else goes. Choose it first.',
  options: z.object({}),
  members: 'joined',
  metadata: () => ({}),
  byLayer: true,
  learnt(target, request) {
    const { variant, options } = variantOf(request)
    return variant.training.create(target, options).map(({ shape }) => shape)
  },
  /** Throws `members-rank`, `members-variant`; its plan `continue-mismatch`. */
  open({ graph, request }) {
    const layers = adaptedLayers(graph, request)
    const base: ReadBase = ({ network, path }) => readWeight(network.weights.get(`${path}.weight`) as TensorSource)
    return {
      parameters: layers.parameters,
      trainedOf: () => layers.trained,
      plan: (initial) => adapterPlan(layers, request, base, initial),
    }
  },
}
