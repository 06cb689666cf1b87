// Full fine-tuning: weights of the network themselves are learnt, in the same loop as adapters, which are held against it. What comes out is an adapter of
// whole differences: it stacks, becomes a LoRA of a chosen rank (export), and goes into a checkpoint (bake).
import { z } from 'zod'
import type { Adapter, AdapterModule } from '../../adapters/adapter.ts'
import { triggerMetadata } from '../../adapters/triggers.ts'
import { PigmentError } from '../../requests/error.ts'
import { shapeOf } from '../../weights/codec.ts'
import { basePacking } from '../base-packing.ts'
import { differenceOf, startingFrom, type TrainedWeight } from '../weight-differences.ts'
import type { TrainedNetwork } from '../trained-networks.ts'
import type { TrainingMethod } from './method.ts'

const options = z.object({
  what: z.enum(['layers', 'everything', 'norms-biases']).default('layers').meta({
    description: 'weights and biases of the layers that are named; all that the network has; or its norms and biases alone (BitFit)',
  }),
})
type What = z.output<typeof options>['what']

/** Whether a weight is learnt. */
function isLearnt(what: What, key: string, shape: readonly number[], { targets }: Pick<TrainedNetwork, 'targets'>): boolean {
  if (what === 'everything') return true
  if (what === 'norms-biases') return shape.length === 1
  return targets.test(key.slice(0, key.lastIndexOf('.')))
}

export const full: TrainingMethod<typeof options> = {
  name: 'full',
  title: 'Full fine-tuning',
  sentence:
    'Learns the weights of the model themselves, without an adapter: the yardstick for the others, and by far the most memory. Choose it for a small model, or for norms and biases alone.',
  options,
  usual: { lr: 1e-5 },
  members: { no: 'Each would be a model of its own.' },
  texts: { no: 'It learns the weights of the UNet alone.' },
  fits(request, { what }) {
    const { variant = 'lora', loraPlus, baseWeights } = request
    const refuse = (field: string, value: unknown, why: string): never => {
      throw new PigmentError('full-field', `Full fine-tuning has no ${field}, and it is ${String(value)}: ${why}`, { field, value })
    }
    if (variant !== 'lora') refuse('variant', variant, 'it trains no adapter. Leave the variant as it is, or choose another method.')
    if (loraPlus !== undefined) refuse('loraPlus', loraPlus, 'there is no second matrix that could learn faster. Leave it out.')
    if (what !== 'norms-biases' && basePacking(request))
      throw new PigmentError(
        'full-base-weights',
        `Weights that are learnt cannot be kept as ${baseWeights}. Leave baseWeights out, or learn norms and biases alone (what=norms-biases).`,
        { baseWeights, what },
      )
  },
  learnt: ({ weight }, _request, { what }) => (what === 'norms-biases' ? [] : [weight]),
  learntOf: ({ weights, ...network }, { what }) =>
    [...weights].flatMap(([key, source]) => (isLearnt(what, key, shapeOf(source), network) ? [shapeOf(source)] : [])),
  metadata: ({ what }) => ({
    ss_network_module: 'lycoris.kohya',
    ss_network_args: JSON.stringify({ algo: 'full' }),
    'pigment.full': JSON.stringify({ what }),
  }),

  open({ networks, request }, { what }) {
    let weights: readonly TrainedWeight[] = []
    return {
      parameters: (network) => ({
        trainable(key) {
          const source = network.weights.get(key)
          return source !== undefined && isLearnt(what, key, shapeOf(source), network)
        },
      }),
      trainedOf(built) {
        weights = built.flatMap(({ trained }, i) =>
          [...trained].map(([key, { name }]) => ({ network: networks[i] as TrainedNetwork, key, name })),
        )
        return built.flatMap(({ trained }) => [...trained.values()])
      },
      plan(initial?: Adapter) {
        const start = startingFrom(weights, initial)
        return {
          trainables: weights.map((one) => ({
            name: one.name,
            shape: shapeOf(one.network.weights.get(one.key) as never),
            start: () => start(one),
            rate: one.network.rate,
          })),
          costly: true,
          async result([only]): Promise<Adapter> {
            const modules: AdapterModule[] = []
            for (const one of weights) modules.push(await differenceOf(one, only?.theta[one.name]?.data ?? new Float32Array()))
            return { name: request.title ?? 'adapter', modules, metadata: triggerMetadata(request.trigger), skipped: [] }
          },
        }
      },
    }
  },
}
