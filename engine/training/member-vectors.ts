// Vectors of several members behind each other in one, as θ lies and as checkpoints hold them.
import type { Vectors } from './optimizers/optimizer.ts'

/** The part of each member; nothing is copied. */
export function parts(all: Float32Array, members: number): Float32Array[] {
  const size = all.length / members
  return Array.from({ length: members }, (_, k) => all.subarray(k * size, (k + 1) * size))
}

/** The members' vectors by name, behind each other; a single member's as they are. */
export function joined(members: readonly Vectors[]): Vectors {
  const [first] = members
  if (!first || members.length === 1) return first ?? {}
  return Object.fromEntries(
    Object.entries(first).map(([name, { length }]) => {
      const all = new Float32Array(length * members.length)
      for (const [k, vectors] of members.entries()) all.set(vectors[name] ?? [], k * length)
      return [name, all]
    }),
  )
}
