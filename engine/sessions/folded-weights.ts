// Weights with terms of a stack added into them: W′ = W₀ + Σ of the terms, and biases so, read from the file and added in fp32.
import type { ActiveTerm, ActiveTerms } from '../adapters/stack.ts'
import { addTerm, addToBias, isOfBias } from '../adapters/term.ts'
import type { WeightMap } from '../checkpoint/config.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { shapeOf } from '../weights/codec.ts'
import { readWeight } from '../weights/read-weight.ts'

/** Keys of the weights and biases that these terms touch. */
export function foldedKeys(weights: WeightMap, terms: ActiveTerms): string[] {
  return [...terms].flatMap(([path, active]) => {
    if (!weights.has(`${path}.weight`)) return []
    const [biases, weighs] = [active.some(({ term }) => isOfBias(term)), active.some(({ term }) => !isOfBias(term))]
    return [...(weighs ? [`${path}.weight`] : []), ...(biases ? [`${path}.bias`] : [])]
  })
}

export const pathOf = (key: string): string => key.slice(0, key.lastIndexOf('.'))

/** One of them under the terms of its module; as it is in the file where there are none, and zeros for a bias that is not there. */
export async function foldedWeight(weights: WeightMap, key: string, active: readonly ActiveTerm[]): Promise<Tensor> {
  const source = weights.get(key)
  if (key.endsWith('.bias')) {
    const weight = weights.get(`${pathOf(key)}.weight`)
    const { data } = source ? await readWeight(source) : { data: new Float32Array((weight && shapeOf(weight)[0]) ?? 0) }
    for (const one of active) addToBias(data, one.term, one.weight)
    return { shape: [data.length], data }
  }
  if (!source) return { shape: [0], data: new Float32Array() }
  const base = await readWeight(source)
  // Gains are of the weight as it was.
  const data = active.some(({ term }) => term.kind === 'gain') ? base.data.slice() : base.data
  for (const { term, weight } of active) addTerm(data, base, term, weight)
  return { shape: base.shape, data }
}

/** All that the terms touch, by key. */
export async function foldedWeights(weights: WeightMap, terms: ActiveTerms): Promise<Map<string, Tensor>> {
  const folded = new Map<string, Tensor>()
  for (const key of foldedKeys(weights, terms)) folded.set(key, await foldedWeight(weights, key, terms.get(pathOf(key)) ?? []))
  return folded
}
