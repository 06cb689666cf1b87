// One helper that holds an operator's gradient against central finite differences, through the real runtime.
import './index.ts'
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { mul, reduceSum } from '../graph/math.ts'
import { Session } from '../runtime/session.ts'
import type { Shape } from '../graph/dims.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

export interface GradientCase {
  /** Shapes of the differentiated inputs; symbols take the size given in `sizes`. */
  readonly inputs: Readonly<Record<string, Shape>>
  readonly sizes?: Readonly<Record<string, number>>
  readonly build: (inputs: Record<string, Value>, graph: Graph) => Value
  /** Values by flat index; default: spread over about −1.5 … 1.5 without repeats. */
  readonly values?: (index: number) => number
}

/** Largest |analytic − numeric| / (1 + |numeric|) over every element of every input. */
export async function gradientError({ inputs, sizes = {}, build, values = spread }: GradientCase): Promise<number> {
  const graph = new Graph('check')
  const named = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]))
  const y = build(named, graph)
  // A weight on every element, so that the loss is not symmetric in them.
  const weight = graph.input('weight', 'float32', y.shape)
  const loss = reduceSum(
    mul(y, weight),
    y.shape.map((_, i) => i),
    false,
  )
  const gradients = backward(loss, Object.values(named))
  graph.output('y', y)
  graph.output('loss', loss)
  Object.keys(named).forEach((name, i) => graph.output(`d_${name}`, gradients[i] as Value))
  await using session = await Session.create(graph, { threads: 1 })

  const feeds: Record<string, Tensor> = {}
  let seed = 0
  for (const [name, shape] of Object.entries(inputs)) {
    const dims = shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] ?? 2)))
    feeds[name] = { shape: dims, data: Float32Array.from({ length: elementCount(dims) }, () => values(seed++)) }
  }
  const probe = await forwardShape(build, inputs, feeds)
  feeds.weight = { shape: probe, data: Float32Array.from({ length: elementCount(probe) }, () => spread(seed++ + 7)) }
  const analytic = await session.run(feeds)
  let worst = 0
  for (const name of Object.keys(inputs)) {
    const { data } = feeds[name] as Tensor
    for (let i = 0; i < data.length; i++) {
      const numeric = await difference(session, feeds, data, i)
      const exact = analytic[`d_${name}`]?.data[i] ?? NaN
      worst = Math.max(worst, Math.abs(exact - numeric) / (1 + Math.abs(numeric)))
      if (Number.isNaN(exact)) return NaN
    }
  }
  return worst
}

/** Central difference of the loss by one element, summed in fp64 so that fp32 rounding of the loss does not drown it. */
async function difference(session: Session, feeds: Record<string, Tensor>, data: Float32Array, i: number): Promise<number> {
  const step = 1 / 128
  const at = data[i] as number
  const sides: number[] = []
  for (const sign of [1, -1]) {
    data[i] = at + sign * step
    const { y } = await session.run(feeds)
    sides.push((y as Tensor).data.reduce((sum, value, k) => sum + value * (feeds.weight?.data[k] ?? 0), 0))
  }
  data[i] = at
  return ((sides[0] as number) - (sides[1] as number)) / (2 * step)
}

async function forwardShape(
  build: GradientCase['build'],
  inputs: GradientCase['inputs'],
  feeds: Record<string, Tensor>,
): Promise<readonly number[]> {
  const graph = new Graph('forward')
  const named = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]))
  graph.output('y', build(named, graph))
  await using session = await Session.create(graph, { threads: 1 })
  return ((await session.run(feeds)).y as Tensor).shape
}

function spread(index: number): number {
  return Math.sin(index * 1.7 + 0.3) * 1.2 + 0.05 * (index % 5)
}
