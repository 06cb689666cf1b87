// A small course for tests: a linear layer learns a known one.
import { backward } from '../../engine/autodiff/backward.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { matMul, mul, reduceMean, sub } from '../../engine/graph/math.ts'
import '../../engine/ops/index.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Course } from './course.ts'

export interface CourseOptions {
  readonly inputs: number
  readonly batch: number
}

export function course({ inputs, batch }: CourseOptions): Promise<Course> {
  const graph = new Graph('testing course')
  const x = graph.input('x', 'float32', ['N', inputs])
  const y = graph.input('y', 'float32', ['N', 1])
  const w = graph.input('w', 'float32', [inputs, 1])
  const difference = sub(matMul(x, w), y)
  const loss = reduceMean(mul(difference, difference), [0, 1], false)
  graph.output('loss', loss)
  backward(loss, [w]).forEach((gradient) => graph.output('d/w', gradient))
  const feed = (step: number) => {
    const data = randomStream(1, 'x', step).normal(batch * inputs)
    const sums = Float32Array.from({ length: batch }, (_, n) =>
      data.subarray(n * inputs, (n + 1) * inputs).reduce((sum, value, i) => sum + value * (i + 1), 0),
    )
    return { x: { shape: [batch, inputs], data }, y: { shape: [batch, 1], data: sums } }
  }
  return Promise.resolve({ graph, trained: [w], feed })
}
