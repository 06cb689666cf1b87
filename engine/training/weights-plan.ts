// Full fine-tuning: the weights of networks themselves are trained.
import type { Value } from '../graph/graph.ts'
import { PigmentError } from '../requests/error.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { Plan } from './plan.ts'

export type Weights = ReadonlyMap<string, Tensor>

/** Inputs of a graph that begin as `initial` has them. A start throws `weight-missing` where one is absent or has another size. */
export function weightsPlan(trained: readonly Pick<Value, 'name' | 'shape'>[], initial: () => Weights | Promise<Weights>): Plan<Weights> {
  let known: Promise<Weights> | undefined
  return {
    trainables: trained.map(({ name, shape }) => ({
      name,
      shape: shape as readonly number[],
      async start() {
        const found = (await (known ??= Promise.resolve(initial()))).get(name)
        if (found?.data.length === elementCount(shape as readonly number[])) return found.data
        const state = found ? `of another shape [${found.shape.join(', ')}]` : 'missing'
        throw new PigmentError('weight-missing', `"${name}" [${shape.join(', ')}] is ${state}.`, { name })
      },
    })),
    result: ([only]) => new Map(Object.entries(only?.theta ?? {}).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }])),
  }
}
