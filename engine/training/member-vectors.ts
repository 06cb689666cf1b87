// Vectors of several members behind each other in one, as θ lies and as checkpoints hold them.
import { joinedSource, type VectorSource } from '../tensor/vectors.ts'

/** The part of each member; nothing is copied. */
export function parts(all: Float32Array, members: number): Float32Array[] {
  const size = all.length / members
  return Array.from({ length: members }, (_, k) => all.subarray(k * size, (k + 1) * size))
}

/** The members' vectors by name, behind each other. */
export function joined(members: readonly Readonly<Record<string, VectorSource>>[]): Readonly<Record<string, VectorSource>> {
  const names = Object.keys(members[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, joinedSource(members.map((vectors) => vectors[name] as VectorSource))]))
}
