// How far the rows of A and the columns of B are from orthogonal, as a term of the loss.
import type { Graph, Value } from '../graph/graph.ts'
import { add, detach, matMul, mul, reduceSum, reshape, sqrt, sub, transpose } from '../graph/math.ts'
import type { Triplets } from './triplets.ts'

/** Mean over all A and B of ‖A·Aᵀ − 1‖ and ‖Bᵀ·B − 1‖, Frobenius' norm and not its square. */
export function orthogonality(graph: Graph, parts: readonly Omit<Triplets<Value>, 'e'>[]): Value {
  const norms = parts.flatMap(({ a, b }) => {
    const [rank = 0] = a.shape as number[]
    const [rows, columns] = [reshape(a, [rank, -1]), reshape(b, [-1, rank])]
    const one = graph.constant(
      'float32',
      [rank, rank],
      Float32Array.from({ length: rank * rank }, (_, i) => (i % (rank + 1) === 0 ? 1 : 0)),
    )
    // By one factor alone: the gradient by the other is the same, as the product is symmetric.
    return [matMul(rows, transpose(detach(rows), [1, 0])), matMul(transpose(detach(columns), [1, 0]), columns)].map((gram) => {
      const off = sub(gram, one)
      // A little is added so that there is a gradient where nothing is off.
      return sqrt(add(reduceSum(mul(off, off), [0, 1], false), 1e-12))
    })
  })
  const mean = mul(norms.reduce((sum, norm) => add(sum, norm)), 1 / norms.length) // prettier-ignore
  // Its own value, with the gradient of both factors.
  return sub(mul(mean, 2), detach(mean))
}
