// What acts in a region alone acts on what a layer makes of its input, cell by cell, and not on the weight that all cells share. So whatever is not
// low-rank becomes it, at full rank: ΔW = I · ΔW. R rank, I inputs, O outputs.
import { PigmentError } from '../requests/error.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { AdapterModule } from './adapter.ts'
import { addTerm, isOfBias, type BaseWeight, type Term } from './term.ts'

const made = new WeakMap<readonly Term[], Promise<readonly Term[]>>()

/** The terms of a module on a weight, all of them low-rank. Throws `region-bias`. */
export function confinedTerms(terms: readonly Term[], module: Pick<AdapterModule, 'path'>, base: BaseWeight): Promise<readonly Term[]> {
  const known = made.get(terms) ?? confined(terms, module, base)
  made.set(terms, known)
  known.catch(() => made.delete(terms))
  return known
}

async function confined(terms: readonly Term[], { path }: Pick<AdapterModule, 'path'>, base: BaseWeight): Promise<readonly Term[]> {
  if (terms.some((term) => isOfBias(term)) || base.shape.length < 2)
    throw new PigmentError(
      'region-bias',
      `An adapter with a region changes a bias or a norm ("${path}"), which acts on the whole picture. Take its region away, or use it without one.`,
      { path },
    )
  const [low, others] = [terms.filter(({ kind }) => kind === 'low-rank'), terms.filter(({ kind }) => kind !== 'low-rank')]
  if (others.length === 0) return low
  const [outputs = 0, ...window] = base.shape
  const read = others.some(({ kind }) => kind === 'gain') ? await base.read() : { shape: base.shape, data: new Float32Array() }
  const delta = new Float32Array(elementCount(base.shape))
  for (const term of others) addTerm(delta, read, term, 1)
  const identity = new Float32Array(outputs * outputs)
  for (let o = 0; o < outputs; o++) identity[o * (outputs + 1)] = 1
  const up = { shape: [outputs, outputs, ...window.slice(1).map(() => 1)], data: identity }
  return [...low, { kind: 'low-rank', down: { shape: base.shape, data: delta }, up, alpha: outputs }]
}
