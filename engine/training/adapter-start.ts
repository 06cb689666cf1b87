// Where the tensors of an adapter begin, as its variant or the start of the request says.
import type { PairStart, StartedPair } from '../adapters/starts/start.ts'
import type { Start, Trainable } from '../adapters/variants/training.ts'
import type { TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { TrainedModule } from './adapted-layers.ts'
import { pairStartOf } from './pair-start.ts'
import type { Member } from './plan.ts'
import { nameIn } from './trained-networks.ts'

/** The values of a layer's own weight. */
export type ReadBase = (module: Pick<TrainedModule, 'network' | 'path'>) => Promise<Tensor>

/** The first numbers of one tensor of a module. */
export type StartOf = (module: TrainedModule, trainable: Trainable, member: Member) => Promise<Float32Array>

export function startsOf(request: Partial<TrainRequest>, base: ReadBase): StartOf {
  const { one, options } = pairStartOf(request)
  // Tensors are asked for one after the other: those of a pair are made together, and let go of with the next.
  let last: { readonly module: TrainedModule; readonly member: number; readonly pair: Promise<StartedPair> | undefined } | undefined
  return async (module, { role, name, shape, start }, member) => {
    if (last?.module !== module || last.member !== member.index)
      last = { module, member: member.index, pair: pairOf(one, options, module, member, base) }
    const pair = await last.pair
    if (pair && (role === 'down' || role === 'up')) return pair[role]
    return drawn(start, { seed: member.seed, name, shape }, () => base(module))
  }
}

function pairOf(
  one: PairStart,
  options: Readonly<Record<string, unknown>>,
  module: TrainedModule,
  { seed }: Member,
  base: ReadBase,
): Promise<StartedPair> | undefined {
  const { network, path, shape } = module
  const weight = network.weights.get(`${path}.weight`)?.shape ?? []
  const { rank, alpha } = shape
  return one.pair?.({ weight, rank, scale: alpha / rank, seed, name: nameIn(network, path), base: () => base(module) }, options)
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
