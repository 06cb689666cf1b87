// Cayley's rotations in the graph, for training: R = (I + Q)(I − Q)⁻¹ of every block (n, b, b), with Q = M − Mᵀ.
import type { Value } from '../graph/graph.ts'
import { add, detach, div, matMul, mul, reduceSum, reshape, reshapeTo, shapeOf, sub, transpose } from '../graph/math.ts'
import type { FrozenLayer } from '../nn/frozen-layer.ts'

/** Enough for turns of up to 120° in every plane of a block; training goes nowhere near them. */
const iterations = 8

/** (n, b, b). */
export function rotationOf(blocks: Value): Value {
  const b = blocks.dim(-1) as number
  const eye = blocks.graph.constant(
    'float32',
    [b, b],
    new Float32Array(b * b).map((_, at) => (at % (b + 1) === 0 ? 1 : 0)),
  )
  const q = sub(blocks, transpose(blocks, [0, 2, 1]))
  const inverse = inverseOf(q, eye)
  // One more step of Newton's, of which alone the gradient is taken: that of an inverse Y is −Y·dP·Y, and so is this one's.
  const refined = matMul(inverse, sub(mul(eye, 2), matMul(sub(eye, q), inverse)))
  return sub(mul(refined, 2), eye)
}

/**
 * (I − Q)⁻¹ = (I + Q)·A⁻¹ with A = I − Q² by Newton's iteration, without a gradient. A's eigenvalues lie in 1 … 1 + ‖Q‖², so that it begins at a
 * multiple of I and always converges.
 */
function inverseOf(q: Value, eye: Value): Value {
  const fixed = detach(q)
  const a = sub(eye, matMul(fixed, fixed))
  let x = div(mul(eye, 2), add(reduceSum(mul(fixed, fixed), [1, 2]), 2)) // (n, b, b)
  for (let i = 0; i < iterations; i++) x = matMul(x, sub(mul(eye, 2), matMul(a, x)))
  return add(x, matMul(fixed, x))
}

/** RᵀY by channel, blocks of b channels after each other, of a layer's output before its bias. */
export function turned(y: Value, r: Value, { shape }: Pick<FrozenLayer, 'shape'>): Value {
  const [count, b] = [r.dim(0) as number, r.dim(-1) as number]
  const whole = shapeOf(y)
  if (shape.length > 2) return reshapeTo(matMul(transpose(r, [0, 2, 1]), reshape(y, [0, count, b, -1])), whole) // (N, n, b, H·W)
  const rows = transpose(reshape(y, [-1, count, b]), [1, 0, 2]) // (n, N·T, b)
  return reshapeTo(transpose(matMul(rows, r), [1, 0, 2]), whole)
}
