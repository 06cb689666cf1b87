// What a graph keeps in memory when it is run, in bytes: its constants as the runtime holds them, and its values while someone still reads them.
import type { Graph, Node, Value } from './graph.ts'
import { bytesOf, mostHeld } from './held-values.ts'
import type { Sizes } from './size-of-dim.ts'

export interface GraphMemory {
  /** Constants that nodes read. What is made of constants alone, a cast or transposed weight, is made when the session opens and is one of them. */
  readonly constants: number
  /** Constants in the memory of who made them, which runs read where they lie. What is made of them is a value, made anew in every run. */
  readonly held: number
  /** The most that values take at one time, in the runtime's order and layout. Inputs and outputs are the caller's. */
  readonly values: number
}

export function graphMemory({ nodes, outputs }: Graph, sizes: Sizes): GraphMemory {
  const folded = new Set<Value>()
  const isHeld = ({ constant }: Value): boolean => constant !== undefined && 'held' in constant
  const isConstant = (value: Value): boolean => (value.constant !== undefined && !isHeld(value)) || folded.has(value)
  const run: Node[] = []
  for (const node of nodes) {
    if (node.inputs.some((input) => input && !isConstant(input))) run.push(node)
    else for (const output of node.outputs) folded.add(output)
  }
  const read = new Set(run.flatMap(({ inputs }) => inputs.flatMap((input) => (input && isConstant(input) ? [input] : []))))
  const held = new Set(run.flatMap(({ inputs }) => inputs.flatMap((input) => (input && isHeld(input) ? [input] : []))))
  const given = new Set(outputs.map(({ value }) => value))
  const sum = (values: ReadonlySet<Value>): number => [...values].reduce((total, value) => total + bytesOf(value, sizes), 0)
  return { constants: sum(read), held: sum(held), values: mostHeld(run, given, sizes) }
}
