// What no pair holds: changes of biases, of norms and of embeddings. Whatever the method, they are added up, each with its strength.
import type { AdapterModule, Component } from '../adapters/adapter.ts'
import { isOfBias, wholeChange, type BaseWeight, type Term } from '../adapters/term.ts'
import { bias } from '../adapters/variants/bias.ts'
import { full } from '../adapters/variants/full.ts'
import { addTimes } from './layer.ts'

/** What one adapter does to a weight. */
export interface Acting {
  readonly source: number
  readonly weight: number
  readonly terms: readonly Term[]
}

/** The bias of a weight, and all of a `closed` one. */
export async function addedUp(
  { component, path }: { readonly component: Component; readonly path: string },
  acting: readonly Acting[],
  base: BaseWeight,
  closed: boolean,
): Promise<AdapterModule[]> {
  const of = { component, path, alpha: 1 }
  const { shape } = base
  const isVector = shape.length === 1
  const [channels = 0] = shape
  const modules: AdapterModule[] = []
  if (acting.some(({ terms }) => terms.some(isOfBias))) {
    const sum = { shape: [channels], data: new Float32Array(channels) }
    for (const { weight, terms } of acting)
      for (const term of terms) if ('by' in term && isOfBias(term)) addTimes(sum.data, term.by, weight)
    modules.push({ ...of, variant: bias.name, tensors: isVector ? { normBiasDelta: sum } : { biasDelta: sum } })
  }
  if (!closed) return modules
  const changes = acting.map(({ weight, terms }) => ({ weight, terms: terms.filter((term) => !isOfBias(term)) }))
  if (changes.every(({ terms }) => terms.length === 0)) return modules
  const sum = { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }
  for (const { weight, terms } of changes) addTimes(sum.data, await wholeChange(terms, base), weight)
  return [...modules, { ...of, variant: full.name, tensors: isVector ? { normDelta: sum } : { delta: sum } }]
}
