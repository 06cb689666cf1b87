// Reverse-mode differentiation: one walk from the loss to the trainables.
import { mayEqual, showShape } from '../graph/dims.ts'
import type { Node, Value } from '../graph/graph.ts'
import { add, expandTo, reduceSum, reshape, shapeOf } from '../graph/math.ts'
import { inputName, opNamed, type GradientContext } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'
import { Recomputation } from './recompute.ts'

/**
 * Appends to the graph the derivative of a scalar `loss` by each of `wrt`, in their order and shapes.
 * Only nodes between a trainable and the loss get gradient nodes; frozen weights get none.
 * Throws `gradient-missing` when a node on the way has no gradient, `gradient-unreached` when the loss does not depend on a trainable.
 */
export function backward(loss: Value, wrt: readonly Value[]): Value[] {
  const { graph } = loss
  const forward = [...graph.nodes]
  const depends = dependents(forward, wrt, graph.detached)
  const gradients = new Map<Value, Value[]>()
  gradients.set(loss, [graph.constant(loss.dtype, [], [1])])
  const recomputation = new Recomputation(graph)
  const told = new Set<Value>()

  graph.scope('backward', () => {
    for (const node of forward.toReversed()) {
      if (!node.outputs.some((output) => gradients.has(output) && depends.has(output))) continue
      graph.scope(node.name, () => (node.precise ? graph.precise(() => step(node)) : step(node)))
    }
  })

  function step(node: Node): void {
    const upstream = node.outputs.map((output) => total(gradients, output))
    const definition = opNamed(node.op)
    const rule = definition.gradient
    if ('none' in rule)
      throw new PigmentError('gradient-missing', `${node.name}: ${node.op} has no gradient. ${rule.none}`, { op: node.op })
    if (node.segment) recomputation.enter(node.segment, upstream.find((value) => value !== undefined) as Value, made)
    const context = gradientContext(node, upstream, recomputation, depends)
    const rules = rule(context)
    node.inputs.forEach((input, i) => {
      if (!input || !depends.has(input)) return
      const name = inputName(definition, i)
      const make = rules[name]
      if (!make)
        throw new PigmentError('gradient-missing', `${node.name}: ${node.op} has no gradient by its input ${name}.`, {
          op: node.op,
          input: name,
        })
      const gradient = undoBroadcast(make(), input, context.input(i))
      check(gradient, input, node)
      const known = gradients.get(input)
      if (known) known.push(gradient)
      else gradients.set(input, [gradient])
    })
  }

  /** Gradients of trainables since this was last asked. */
  function made(): Value[] {
    const fresh = wrt.filter((value) => gradients.has(value) && !told.has(value))
    for (const value of fresh) told.add(value)
    return fresh.map((value) => total(gradients, value) as Value)
  }

  return wrt.map((value) => {
    const gradient = total(gradients, value)
    if (!gradient)
      throw new PigmentError(
        'gradient-unreached',
        `The loss does not depend on "${value.name}". Train something that takes part in the model.`,
        {
          name: value.name,
        },
      )
    return gradient
  })
}

/** Every floating value that some trainable flows into; shapes, truth values and what is detached carry no derivative. */
function dependents(nodes: readonly Node[], wrt: readonly Value[], detached: ReadonlySet<Value>): Set<Value> {
  const depends = new Set<Value>(wrt)
  for (const node of nodes)
    if (node.inputs.some((input) => input && depends.has(input)))
      for (const output of node.outputs) if (isFloat(output.dtype) && !detached.has(output)) depends.add(output)
  return depends
}

const isFloat = (dtype: Value['dtype']): boolean => /float/.test(dtype)

function total(gradients: Map<Value, Value[]>, value: Value): Value | undefined {
  const parts = gradients.get(value)
  if (!parts) return undefined
  const sum = parts.reduce((a, b) => add(a, b))
  gradients.set(value, [sum])
  return sum
}

function gradientContext(
  node: Node,
  upstream: readonly (Value | undefined)[],
  recomputation: Recomputation,
  depends: Set<Value>,
): GradientContext {
  const remade = new Map<Value, Value>()
  const resolve = (value: Value): Value => {
    if (!value.remade) return recomputation.resolve(value, node.segment)
    const made = remade.get(value) ?? value.remade(upstream.find((gradient) => gradient !== undefined) as Value)
    remade.set(value, made)
    return made
  }
  const input = (index: number): Value => {
    const value = node.inputs[index]
    if (!value) throw new PigmentError('op-input', `${node.name}: the gradient asks for input ${index}, which is absent.`, { index })
    return resolve(value)
  }
  const output = (index = 0): Value => resolve(node.outputs[index] as Value)
  return {
    node,
    attributes: node.attributes,
    input,
    output,
    has: (index) => node.inputs[index] !== undefined,
    needs: (index) => depends.has(node.inputs[index] as Value),
    grad: (index = 0) => upstream[index] ?? zerosLike(output(index)),
  }
}

function zerosLike(value: Value): Value {
  return expandTo(value.graph.constant(value.dtype, [], [0]), shapeOf(value))
}

/** Sums a gradient over the axes along which its input was broadcast. */
function undoBroadcast(gradient: Value, input: Value, usable: Value): Value {
  const extra = gradient.rank - input.rank
  let result = gradient
  if (extra > 0)
    result = reduceSum(
      result,
      Array.from({ length: extra }, (_, i) => i),
      false,
    )
  const stretched = input.shape.flatMap((dim, i) => (dim === 1 && result.shape[i] !== 1 ? [i] : []))
  if (stretched.length > 0) result = reduceSum(result, stretched)
  if (result.rank === 0 && input.rank === 0 && gradient.rank > 0) result = reshape(result, [])
  return missing(result, input) ? expandTo(result, shapeOf(usable)) : result
}

/** A gradient that is the same along an axis may come unspread (the derivative of a sum of scalars, say). */
function missing(gradient: Value, input: Value): boolean {
  return gradient.rank < input.rank || input.shape.some((dim, i) => dim !== 1 && gradient.shape[i] === 1)
}

function check(gradient: Value, input: Value, node: Node): void {
  const fits = gradient.rank === input.rank && gradient.shape.every((dim, i) => mayEqual(dim, input.dim(i)))
  if (!fits || gradient.dtype !== input.dtype)
    throw new PigmentError(
      'gradient-shape',
      `${node.name}: the gradient of "${input.name}" is ${gradient.dtype}${showShape(gradient.shape)}, expected ${input.dtype}${showShape(input.shape)}.`,
      { node: node.name },
    )
}
