// A graph inside another.
import type { Graph, Value } from '../../../engine/graph/graph.ts'

/** The nodes of `graph` again inside `into`, its inputs replaced by the values of `given`; returns its outputs by name. */
export function inline(graph: Graph, into: Graph, given: ReadonlyMap<string, Value>): Map<string, Value> {
  const known = new Map<Value, Value>()
  for (const input of graph.inputs) {
    const value = given.get(input.name)
    if (!value) throw new RangeError(`Nothing is given for the input "${input.name}" of "${graph.name}".`)
    known.set(input, value)
  }
  for (const constant of graph.constants) known.set(constant, into.sameConstant(constant))
  for (const { op, inputs, attributes, outputs } of graph.nodes)
    into
      .op(
        op,
        inputs.map((value) => value && known.get(value)),
        attributes,
      )
      .forEach((value, i) => known.set(outputs[i] as Value, value))
  return new Map(graph.outputs.map(({ name, value }) => [name, known.get(value) as Value]))
}
