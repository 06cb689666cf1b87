// Weights that are inputs of a session, since a stack folds something into them. A change of a strength makes anew what it touches, from the weight in
// the file, and neither a session nor any other weight.
import { inputNameWeight } from '../adapters/stack-inputs.ts'
import type { ActiveTerms } from '../adapters/stack.ts'
import type { Term } from '../adapters/term.ts'
import type { WeightMap } from '../checkpoint/config.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { foldedWeight, pathOf } from './folded-weights.ts'

interface Made {
  /** What is folded into it. */
  readonly terms: string
  readonly tensor: Promise<Tensor>
}

/** So many of one weight are kept: as the stack has it, and as the model alone or the stack before has it. */
const kept = 2

export class FedWeights {
  readonly keys: ReadonlySet<string>
  readonly #weights: WeightMap
  readonly #made = new Map<string, readonly Made[]>()

  constructor(weights: WeightMap, keys: Iterable<string> = []) {
    this.#weights = weights
    this.keys = new Set(keys)
  }

  /** What to feed under the terms that a stack folds, made one after the other; the others are as in the file. */
  async feeds(folded: ActiveTerms): Promise<Record<string, Tensor>> {
    const feeds: Record<string, Tensor> = {}
    for (const key of this.keys) feeds[inputNameWeight(key)] = await this.#weight(key, folded)
    return feeds
  }

  #weight(key: string, folded: ActiveTerms): Promise<Tensor> {
    const active = folded.get(pathOf(key)) ?? []
    const terms = active.map(({ term, weight }) => `${numberOf(term)}×${weight}`).join(' ')
    const before = this.#made.get(key) ?? []
    const made = before.find((one) => one.terms === terms) ?? { terms, tensor: foldedWeight(this.#weights, key, active) }
    this.#made.set(key, [made, ...before.filter((one) => one !== made)].slice(0, kept))
    made.tensor.catch(() => this.#made.delete(key))
    return made.tensor
  }
}

const numbers = new WeakMap<Term, number>()
let counted = 0
function numberOf(term: Term): number {
  const known = numbers.get(term) ?? ++counted
  numbers.set(term, known)
  return known
}
