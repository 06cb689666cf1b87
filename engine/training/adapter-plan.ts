// What is trained of an adapter, as its variant says, by members whose results are averaged into one.
import type { Adapter } from '../adapters/adapter.ts'
import { triggerMetadata } from '../adapters/triggers.ts'
import type { Start } from '../adapters/variants/training.ts'
import type { TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { AdaptedLayers, TrainedModule } from './adapted-layers.ts'
import { continuedParts } from './continued-parts.ts'
import type { Plan, Trainable } from './plan.ts'

type AdapterRequest = Pick<TrainRequest, 'rank' | 'alpha' | 'members' | 'title' | 'trigger' | 'loraPlus'>

/** The values of a layer's own weight. */
export type ReadBase = (module: Pick<TrainedModule, 'network' | 'path'>) => Promise<Tensor>

/** Begins anew, or with the weights of an adapter. Throws `continue-mismatch`. */
export function adapterPlan(built: AdaptedLayers, request: AdapterRequest, base: ReadBase, initial?: Adapter): Plan<Adapter> {
  const { alpha, title, trigger, loraPlus = 1 } = request
  const { variant, modules } = built
  const continued = initial && continuedParts(initial, built, request)
  const trainables = modules.flatMap((module) =>
    module.trainables.map(({ name, shape, start, group }): Trainable => ({
      name,
      shape,
      start: ({ index, seed }) => continued?.(index, name) ?? drawn(start, { seed, name, shape }, () => base(module)),
      // Reference: peft create_loraplus_optimizer, whose decay goes with the rate too.
      rate: (group === 'up' ? loraPlus : 1) * module.network.rate,
    })),
  )
  return {
    trainables,
    result: (members) => ({
      name: title ?? 'adapter',
      modules: modules.map(({ network: { component }, path, trainables }) => {
        const parts = members.map(({ theta }) => Object.fromEntries(trainables.map(({ role, name }) => [role, theta[name] as Tensor])))
        const module = { component, path, variant: variant.name, tensors: variant.training.join(parts), alpha }
        return { ...module, alpha: variant.training.alpha ?? variant.alphaOf?.(module, alpha) ?? alpha }
      }),
      metadata: triggerMetadata(trigger),
      skipped: [],
    }),
  }
}

interface Drawn {
  readonly seed: number
  readonly name: string
  readonly shape: readonly number[]
}

async function drawn(start: Start, { seed, name, shape }: Drawn, base: () => Promise<Tensor>): Promise<Float32Array> {
  if (start.kind === 'from-base') return start.of(await base())
  const values = new Float32Array(elementCount(shape))
  if (start.kind === 'uniform')
    randomStream(seed, name, 0)
      .uniform(values.length)
      .forEach((u, i) => (values[i] = (2 * u - 1) * start.bound))
  if (start.kind === 'normal')
    randomStream(seed, name, 0)
      .normal(values.length)
      .forEach((z, i) => (values[i] = z * start.std))
  return values
}
