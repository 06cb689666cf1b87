// Weights as they lie in their file: fp32, fp16 or bf16, cast to fp32 and turned where the file has them the other way when a session opens.
import type { TensorSource } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import { cast, matMul, reshape, transpose } from '../graph/math.ts'
import type { FrozenWeight } from './codec.ts'

/** In its PyTorch shape. */
export function storedValue(graph: Graph, name: string, source: TensorSource): Value {
  const stored = cast(graph.weight(name, source), 'float32')
  return source.transposed ? transpose(stored, [1, 0]) : stored
}

/** A weight that is one value: frozen in its file, trained, or replaced. */
export function dense(value: Value): FrozenWeight {
  const shape = value.shape as readonly number[]
  const as = (wanted: readonly number[]): Value => (wanted.length === shape.length ? value : reshape(value, wanted))
  return {
    shape,
    product: (x) => matMul(x, transpose(as(shape.slice(0, 2)), [1, 0])),
    value: as,
  }
}
