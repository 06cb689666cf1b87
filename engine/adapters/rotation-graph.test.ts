import { expect, test } from 'vitest'
import '../ops/index.ts'
import { Graph } from '../graph/graph.ts'
import { Session } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { rotationOf } from './rotation-graph.ts'
import { cayley, skew } from './rotation.ts'

test.each([
  [2, 0.1],
  [8, 0.3],
  // Turns of more than 90° in some planes.
  [16, 0.3],
])('the graph’s rotation of blocks of %i is exact, with numbers of about %d', async (b, size) => {
  const graph = new Graph('rotation')
  graph.output('r', rotationOf(graph.input('m', 'float32', [3, b, b])))
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const data = randomStream(2, 'blocks', 0).normal(3 * b * b).map((value) => value * size) // prettier-ignore
  const { r } = await session.run({ m: { shape: [3, b, b], data } })
  const exact = [0, 1, 2].flatMap((k) => [...cayley(skew(data.subarray(k * b * b, (k + 1) * b * b), b), b)])
  expect(relativeL2(r?.data ?? [], exact)).toBeLessThan(1e-5)
})
