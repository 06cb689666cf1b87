// Gradient checkpointing: a segment's inner values are computed again when the backward walk reaches it (Chen et al. 2016).
import type { Graph, Node, Segment, Value } from '../graph/graph.ts'
import { lateZero, lateZeroOf } from '../graph/late-zero.ts'
import { add } from '../graph/math.ts'

/**
 * A runtime merges equal computations and runs what it can early, which would undo the saving. So each segment's inputs are
 * tied to the incoming gradient by adding a zero that can only be known once that gradient is.
 */
export class Recomputation {
  readonly #graph: Graph
  readonly #ties = new Map<Segment, Value>()
  readonly #clones = new Map<Segment, Map<Value, Value>>()
  constructor(graph: Graph) {
    this.#graph = graph
  }

  /**
   * The walk reaches a segment with this gradient; the first one ties the whole segment. `done`: gradients of what is trained that are made by then.
   * Nothing else waits for them, so that a runtime would make them last, and keep all that they are made of until then.
   */
  enter(segment: Segment, gradient: Value, done: () => readonly Value[]): void {
    if (this.#ties.has(segment)) return
    const zero = lateZero(gradient)
    const [first, ...rest] = done().filter(({ dtype }) => dtype === gradient.dtype)
    this.#ties.set(segment, first ? add(zero, lateZeroOf([first, ...rest])) : zero)
    this.#clones.set(segment, new Map())
  }

  /** `value` as a gradient rule of a node in `segment` may use it: kept, or the recomputed copy. */
  resolve(value: Value, segment: Segment | undefined): Value {
    return segment && value.producer?.segment === segment ? this.#clone(value, segment) : value
  }

  #clone(value: Value, segment: Segment): Value {
    const clones = this.#clones.get(segment) as Map<Value, Value>
    const known = clones.get(value)
    if (known) return known
    const node = value.producer
    if (value.remade && node?.segment === segment) {
      const made = value.remade(this.#ties.get(segment) as Value)
      clones.set(value, made)
      return made
    }
    if (!node) return value.constant ? value : this.#tied(value, segment, clones)
    if (node.segment !== segment) return onlyConstants(node) ? value : this.#tied(value, segment, clones)
    const inputs = node.inputs.map((input) => input && this.#clone(input, segment))
    const again = (): Value[] => this.#graph.op(node.op, inputs, node.attributes)
    const outputs = node.precise ? this.#graph.precise(again) : again()
    node.outputs.forEach((output, i) => clones.set(output, outputs[i] as Value))
    return clones.get(value) as Value
  }

  #tied(value: Value, segment: Segment, clones: Map<Value, Value>): Value {
    // Integers (shapes, ids) are small and cheap: they need no tie.
    const tie = this.#ties.get(segment) as Value
    const tied = value.dtype === tie.dtype ? add(value, tie) : value
    clones.set(value, tied)
    return tied
  }
}

/** A value made of weights alone (a transposed or cast weight) is folded at load and needs no tie. */
function onlyConstants(node: Node): boolean {
  return node.inputs.every(
    (input) => !input || input.constant !== undefined || (input.producer !== undefined && onlyConstants(input.producer)),
  )
}
