// A layer as an adapter meets it: a weight that stays as it is, and the ways through which an adapter can add to its output.
import { add, conv, matMul, reshape, transpose, type Window } from '../graph/math.ts'
import type { Graph, Value } from '../graph/graph.ts'
import type { Parameters } from './parameters.ts'

export interface FrozenLayer {
  readonly graph: Graph
  readonly path: string
  /** Of W as it is multiplied with: (O, I), also that of a 1×1 convolution that is computed as a matrix, or (O, I, k, k). */
  readonly shape: readonly number[]
  /** W in this shape, for a computation with `x`: where W is kept in fewer bits, it is unpacked when x is there. */
  weight(x: Value): Value
  /** W·x + b, plus what an adapter adds, which is made after W·x: so gradients are summed in the order of the layers. */
  output(x: Value, added?: () => Value): Value
  /** W·x without the bias. */
  product(x: Value): Value
  /** y + b. */
  biased(y: Value): Value
  /** A weight of (R, I), (R, I, 1, 1) or (R, I, k, k) as `through` takes it. */
  asUsed(weight: Value): Value
  /** x through a weight with W's window and the inputs of W: (R, I, …) gives R channels. */
  through(x: Value, weight: Value): Value
  /** R channels through an (O, R), (O, R, 1, 1) weight. */
  mix(x: Value, weight: Value): Value
  /** A vector by channel as it multiplies x, or y. */
  byChannel(vector: Value): Value
}

/** x·Wᵀ + b. A 1×1 convolution's weight counts as a matrix. */
export function linearLayer(p: Parameters, path: string): FrozenLayer {
  const frozen = p.weight(`${path}.weight`)
  const shape = frozen.shape.slice(0, 2)
  const through = (x: Value, w: Value): Value => matMul(x, transpose(w, [1, 0]))
  const product = (x: Value): Value => frozen.product(x)
  const biased = (y: Value): Value => (p.has(`${path}.bias`) ? add(y, p.get(`${path}.bias`)) : y)
  return {
    graph: p.graph,
    path,
    shape,
    weight: (x) => frozen.value(shape, x),
    output(x, added) {
      const y = product(x)
      return biased(added ? add(y, added()) : y)
    },
    product,
    biased,
    asUsed: (w) => (w.rank === 2 ? w : reshape(w, w.shape.slice(0, 2) as number[])),
    through,
    mix: through,
    byChannel: (vector) => vector,
  }
}

/** x * W + b. */
export function convLayer(p: Parameters, path: string, window: Window): FrozenLayer {
  const frozen = p.weight(`${path}.weight`)
  const shape = [...frozen.shape, 1, 1].slice(0, 4)
  const weight = (x: Value): Value => frozen.value(shape, x)
  const bias = (): Value | undefined => (p.has(`${path}.bias`) ? p.get(`${path}.bias`) : undefined)
  const byChannel = (vector: Value): Value => reshape(vector, [-1, 1, 1])
  return {
    graph: p.graph,
    path,
    shape,
    weight,
    output(x, added) {
      const y = conv(x, weight(x), bias(), window)
      return added ? add(y, added()) : y
    },
    product: (x) => conv(x, weight(x), undefined, window),
    biased(y) {
      const b = bias()
      return b ? add(y, byChannel(b)) : y
    },
    asUsed: (w) => (w.rank === 4 ? w : reshape(w, [...(w.shape as number[]), 1, 1])),
    through: (x, w) => conv(x, w, undefined, window),
    mix: (x, w) => conv(x, w, undefined),
    byChannel,
  }
}
