// Orthonormal vectors of a matrix, in double precision.

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** Takes away what a vector has along others, twice: once leaves what rounding left. */
export function without(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const rest = vector.slice()
  for (let time = 0; time < 2; time++)
    for (const other of others) {
      const along = dot(rest, other)
      for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] ?? 0) - along * (other[i] ?? 0)
    }
  return rest
}

/** A vector of length 1, and the length that it had; nothing stays nothing. */
export function unit(vector: Float64Array): readonly [Float64Array, number] {
  const length = Math.sqrt(dot(vector, vector))
  return [length > 0 ? vector.map((value) => value / length) : vector, length]
}

/** Gram and Schmidt's: each vector without what it has along those before it. */
export function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = []
  for (const vector of vectors) basis.push(unit(without(vector, basis))[0])
  return basis
}
