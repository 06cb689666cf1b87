// What is trained of an adapter, as its variant says, by members whose results are averaged into one.
import type { Adapter } from '../adapters/adapter.ts'
import { triggerMetadata } from '../adapters/triggers.ts'
import { loraModule, pairOf } from '../adapters/variants/lora.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AdaptedLayers } from './adapted-layers.ts'
import { adapterFeeds, startOfPairs } from './adapter-feeds.ts'
import { startsOf, type ReadBase } from './adapter-start.ts'
import { continuedParts } from './continued-parts.ts'
import { limitedNorms } from './max-norm.ts'
import { withoutStart } from './pair-start.ts'
import type { Plan, Trainable, Views } from './plan.ts'

type AdapterRequest = Pick<TrainRequest, 'rank' | 'alpha' | 'members'> & Partial<TrainRequest>

/** Begins anew, or with the weights of an adapter. Throws `continue-mismatch`. */
export function adapterPlan(built: AdaptedLayers, request: AdapterRequest, base: ReadBase, initial?: Adapter): Plan<Adapter> {
  const { title, trigger, loraPlus = 1 } = request
  const { variant, modules, taken } = built
  const start = startsOf(request, base)
  const continued = initial && continuedParts(initial, built, request)
  const trainables = modules.flatMap((module) =>
    module.trainables.map((one): Trainable => ({
      name: one.name,
      shape: one.shape,
      start: (member) => continued?.(member.index, one.name) ?? start(module, one, member),
      // Reference: peft create_loraplus_optimizer, whose decay goes with the rate too.
      rate: (one.group === 'up' ? loraPlus : 1) * module.shape.rate * module.network.rate,
      until: module.network.until,
    })),
  )
  return {
    trainables,
    ...adapterFeeds(built, trainables),
    ...limitedNorms(built, request.maxNorm),
    result(members) {
      const parted = (theta: Views, of: AdaptedLayers['modules'][number]) =>
        Object.fromEntries(of.trainables.map(({ role, name }) => [role, theta[name] as Tensor]))
      const [only] = members
      const began = taken ? startOfPairs(trainables, only?.extra ?? {}) : undefined
      return {
        name: title ?? 'adapter',
        // One that is kept as it began does nothing, unless it began with the weights of an adapter.
        modules: modules
          .filter(({ shape }) => continued || shape.rate > 0)
          .map((one) => {
            const { network, path, shape } = one
            const tensors = variant.training.join(members.map(({ theta }) => parted(theta, one)))
            const module = { component: network.component, path, variant: variant.name, tensors, alpha: shape.whole }
            if (began) return loraModule(module, withoutStart(pairOf(module), pairOf({ tensors: parted(began, one), alpha: shape.whole })))
            return { ...module, alpha: variant.training.alpha ?? variant.alphaOf?.(module, shape.whole) ?? shape.whole }
          }),
        metadata: {
          ...triggerMetadata(trigger),
          // The file has pairs of twice the rank.
          ...(taken ? { ss_network_dim: String(2 * request.rank), ss_network_alpha: String(2 * request.alpha) } : {}),
        },
        skipped: [],
      }
    },
  }
}
