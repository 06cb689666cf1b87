// What a graph keeps in memory when it is run, in bytes: its constants as the runtime holds them, and its values while someone still reads them.
import { bytesPerElement } from '../tensor/dtype.ts'
import { Graph, type Node, type Value } from './graph.ts'
import { opNamed } from './op.ts'
import { elementsOf, type Sizes } from './size-of-dim.ts'

export interface GraphMemory {
  /** Constants that nodes read. What is made of constants alone, a cast or transposed weight, is made when the session opens and is one of them. */
  readonly constants: number
  /** Constants in the memory of who made them, which runs read where they lie. What is made of them is a value, made anew in every run. */
  readonly held: number
  /** The most that values take at one time, nodes being run in their order. Inputs and outputs are the caller's. */
  readonly values: number
}

/** Ops that give the memory they are given under another shape. */
const aliases = new Set(['Reshape', 'Flatten', 'Unsqueeze', 'Identity'])

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

const bytesOf = ({ shape, elements = 0, dtype }: Value, sizes: Sizes): number =>
  (elementsOf(shape, sizes) ?? elements) * bytesPerElement[dtype]

function mostHeld(run: readonly Node[], given: ReadonlySet<Value>, sizes: Sizes): number {
  /** Whose memory a value lies in. */
  const owners = new Map<Value, Value>()
  const lastRead = new Map<Value, number>()
  /** Of an owner; under some of its shapes more is known than under others. */
  const sizeOf = new Map<Value, number>()
  run.forEach(({ op, inputs, outputs }, at) => {
    for (const input of inputs) {
      const owner = input && owners.get(input)
      if (owner) lastRead.set(owner, at)
    }
    const [source] = inputs
    for (const output of outputs) {
      const owner = (aliases.has(op) && source && owners.get(source)) || output
      owners.set(output, owner)
      lastRead.set(owner, at)
      sizeOf.set(owner, Math.max(sizeOf.get(owner) ?? 0, bytesOf(output, sizes)))
    }
  })
  const freed = new Map<number, number>()
  let held = 0
  let most = 0
  run.forEach(({ op, attributes, outputs }, at) => {
    for (const output of outputs) {
      if (owners.get(output) !== output || given.has(output)) continue
      const bytes = sizeOf.get(output) ?? 0
      const until = lastRead.get(output) ?? at
      held += bytes
      freed.set(until, (freed.get(until) ?? 0) + bytes)
    }
    const bodies = Object.values(attributes).reduce<number>((sum, one) => sum + (one instanceof Graph ? one.workspace : 0), 0)
    most = Math.max(most, held + bodies + (opNamed(op).workspace?.(attributes) ?? 0))
    held -= freed.get(at) ?? 0
  })
  return most
}
