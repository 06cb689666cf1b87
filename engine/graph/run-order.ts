// In which order the runtime runs nodes (onnxruntime's default: Graph::ReverseDFSFrom): from each node whose outputs nobody reads, the last of them
// first, down its inputs, those that were written last first. A node is run once all of its inputs are.
import { Graph, type Node, type Value } from './graph.ts'

/** What a node reads, and what its bodies read of the graph around them. `named`: the values of that graph. */
export function readBy({ inputs, attributes }: Node, named: ReadonlyMap<string, Value>): Value[] {
  const bodies = Object.values(attributes).filter((value) => value instanceof Graph)
  return [...inputs.filter((input) => input !== undefined), ...bodies.flatMap((body) => readFromOutside(body, named))]
}

function readFromOutside({ nodes, inputs, constants }: Graph, named: ReadonlyMap<string, Value>): Value[] {
  const own = new Set([...inputs, ...constants, ...nodes.flatMap(({ outputs }) => outputs)])
  return nodes.flatMap((node) =>
    readBy(node, named).flatMap((value) => {
      const outside = own.has(value) ? undefined : named.get(value.name)
      return outside ? [outside] : []
    }),
  )
}

export function runOrder(nodes: readonly Node[], read: ReadonlyMap<Node, readonly Value[]>): Node[] {
  const written = new Map(nodes.map((node, at) => [node, at]))
  const before = (node: Node): Node[] =>
    [...new Set((read.get(node) ?? []).flatMap(({ producer }) => (producer && written.has(producer) ? [producer] : [])))].sort(
      (a, b) => (written.get(a) ?? 0) - (written.get(b) ?? 0),
    )
  const wanted = new Set(nodes.flatMap(before))
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack = nodes.filter((node) => !wanted.has(node)).map((node) => ({ node, ready: false }))
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, ready } = top
    if (ready) order.push(node)
    if (ready || seen.has(node)) continue
    seen.add(node)
    stack.push({ node, ready: true }, ...before(node).map((one) => ({ node: one, ready: false })))
  }
  return order
}
