import { expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { add, detach, mul, reduceSum } from '../graph/math.ts'
import '../ops/index.ts'
import { Session } from '../runtime/session.ts'
import { backward } from './backward.ts'

test('nothing flows through a detached value, which counts as it is', async () => {
  const graph = new Graph('detached')
  const x = graph.input('x', 'float32', [3])
  const y = graph.input('y', 'float32', [3])
  // x² with one factor held still, and y behind a wall that a trainable leads to.
  const loss = reduceSum(add(mul(x, detach(x)), mul(y, detach(mul(x, y)))), [0], false)
  for (const [i, gradient] of backward(loss, [x, y]).entries()) graph.output(`d${i}`, gradient)
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const vector = (...values: number[]) => ({ shape: [3], data: Float32Array.from(values) })
  const { d0, d1 } = await session.run({ x: vector(1, 2, -3), y: vector(4, 5, 6) })
  expect([...(d0?.data ?? [])]).toEqual([1, 2, -3])
  expect([...(d1?.data ?? [])]).toEqual([4, 10, -18])
})
