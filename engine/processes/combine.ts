/** The sum of coefficient × values over the terms, element by element, added up in fp64 and rounded once. */
export function combine(...terms: readonly (readonly [coefficient: number, values: Float32Array])[]): Float32Array {
  const sum = new Float64Array(terms[0]?.[1].length ?? 0)
  for (const [coefficient, values] of terms) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + coefficient * (values[i] ?? 0)
  return Float32Array.from(sum)
}
