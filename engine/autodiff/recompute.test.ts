import { expect, test } from 'vitest'
import { Graph, type Node, type Value } from '../graph/graph.ts'
import { add, matMul, mul, reduceSum, reshape, tanh } from '../graph/math.ts'
import '../ops/index.ts'
import { backward } from './backward.ts'

/** Everything that has to be made before a node can be. */
function before(node: Node): Set<Value> {
  const found = new Set<Value>()
  const look = ({ inputs }: Node): void => {
    for (const input of inputs)
      if (input && !found.has(input)) {
        found.add(input)
        if (input.producer) look(input.producer)
      }
  }
  look(node)
  return found
}

test('a segment is computed again when gradients of the later ones are made, so that nothing is kept for these until the end', () => {
  const graph = new Graph('chain')
  let x = graph.input('x', 'float32', ['N', 4])
  const trained = ['a', 'b', 'c'].map((name) => {
    const w = graph.input(name, 'float32', [4, 4])
    x = graph.recomputed(name, () => add(tanh(tanh(matMul(x, w))), x))
    return w
  })
  const forward = graph.nodes.length
  const loss = reshape(reduceSum(mul(x, x), [0, 1]), [])
  const gradients = backward(loss, trained)
  const again = graph.nodes.slice(forward).filter(({ op, segment }) => op === 'Tanh' && !segment)
  expect(again).toHaveLength(6)
  const waitsFor = (node: Node, i: number): boolean => before(node).has(gradients[i] as Value)
  // Of c, of b, of a: the walk goes backwards.
  expect(again.map((node) => trained.map((_, i) => waitsFor(node, i)))).toEqual([
    ...Array.from({ length: 2 }, () => [false, false, false]),
    ...Array.from({ length: 2 }, () => [false, false, true]),
    ...Array.from({ length: 2 }, () => [false, true, true]),
  ])
})
