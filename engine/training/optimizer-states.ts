// What the optimizer keeps of each member, behind each other in one vector a name, as θ lies and as checkpoints hold it.
import type { Optimizer, Vectors } from './optimizers/optimizer.ts'

export interface OptimizerStates {
  /** Of all members. */
  readonly vectors: Vectors
  /** Of member `k`; nothing is copied. */
  of(k: number): Vectors
}

/** Fresh ones for the θ of each member, or those of a checkpoint. */
export function optimizerStates(optimizer: Optimizer, thetas: readonly Float32Array[], saved?: Vectors): OptimizerStates {
  const vectors = saved ?? joined(thetas.map((theta) => optimizer.start(theta)))
  const part = (all: Float32Array, k: number): Float32Array => {
    const size = all.length / thetas.length
    return all.subarray(k * size, (k + 1) * size)
  }
  return { vectors, of: (k) => Object.fromEntries(Object.entries(vectors).map(([name, all]) => [name, part(all, k)])) }
}

function joined(states: readonly Vectors[]): Vectors {
  const [first] = states
  if (!first || states.length === 1) return first ?? {}
  return Object.fromEntries(
    Object.entries(first).map(([name, { length }]) => {
      const all = new Float32Array(length * states.length)
      for (const [k, state] of states.entries()) all.set(state[name] ?? [], k * length)
      return [name, all]
    }),
  )
}
