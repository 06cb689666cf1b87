// What the engine knows of an ONNX operator: attributes, shape rule, gradient. One file per operator in `engine/ops/`.
import { PigmentError } from '../requests/error.ts'
import type { DType } from '../tensor/dtype.ts'
import { showShape, type Shape } from './dims.ts'
import type { Graph, Node, Value } from './graph.ts'

export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'string' | 'graph'
export type Attribute = number | string | readonly number[] | Graph
export type Attributes = Readonly<Record<string, Attribute | undefined>>

export interface InferContext {
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  /** Name of the node, for messages. */
  readonly where: string
}

export interface Result {
  readonly dtype: DType
  readonly shape: Shape
}

export interface GradientContext {
  readonly node: Node
  readonly attributes: Attributes
  /** Input as the backward walk may use it: kept, or computed again. Throws when the node has no such input. */
  readonly input: (index: number) => Value
  readonly has: (index: number) => boolean
  readonly output: (index?: number) => Value
  /** ∂loss/∂output. */
  readonly grad: (index?: number) => Value
  /** Whether anything needs the gradient of this input; work shared between inputs can ask. */
  readonly needs: (index: number) => boolean
}

/** For each differentiable input, by its ONNX name, how its gradient is made. Only what is needed gets called. */
export type GradientRule = (context: GradientContext) => Readonly<Record<string, () => Value>>

/**
 * In a graph of 16 bits: `half` is a product, for which they are enough; `inside` is computed in fp32 and given back in the type of its first input, as
 * norms, softmax and sums are.
 */
export type OpPrecision = 'half' | 'inside'

export interface OpDefinition {
  readonly name: string
  readonly domain?: 'com.microsoft'
  /** Input names as in the ONNX specification; a last name that ends in `*` repeats. */
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeKind>>
  /** How it is computed in a graph of 16 bits; default: in the widest type of its inputs. */
  readonly precision?: OpPrecision
  /** Inputs, by place, that keep their type whatever becomes of the others. */
  readonly fixed?: readonly number[]
  /** Bytes that its kernel takes beside inputs and outputs, where they are many. */
  readonly workspace?: (attributes: Attributes) => number
  readonly infer: (context: InferContext) => readonly Result[]
  /** The rule, or the reason why there is none. */
  readonly gradient: GradientRule | { readonly none: string }
}

const table = new Map<string, OpDefinition>()

/** Called once by the written index of `engine/ops/`. */
export function registerOps(definitions: readonly OpDefinition[]): void {
  for (const definition of definitions) table.set(definition.name, definition)
}

export function opNamed(name: string): OpDefinition {
  const definition = table.get(name)
  if (!definition) throw new PigmentError('op-unknown', `The engine has no operator "${name}". Add engine/ops/${name}.ts.`, { name })
  return definition
}

export function knownOps(): readonly OpDefinition[] {
  return [...table.values()]
}

/** ONNX name of input `index`: repeated inputs are `name0`, `name1`, … */
export function inputName(definition: OpDefinition, index: number): string {
  const last = definition.inputs.at(-1)
  if (last?.endsWith('*') && index >= definition.inputs.length - 1) return `${last.slice(0, -1)}${index - definition.inputs.length + 1}`
  return definition.inputs[index] ?? `input${index}`
}

/** Input `index` of a node under construction. */
export function required(context: InferContext, index: number, name: string): Value {
  const value = context.inputs[index]
  if (!value) throw new PigmentError('op-input', `${context.where}: the input ${name} is missing.`, { where: context.where })
  return value
}

/** A shape clash, said with both sides. */
export function shapeError(where: string, expected: string, ...got: Value[]): PigmentError {
  const shown = got.map((value) => `"${value.name}" ${showShape(value.shape)}`).join(' and ')
  return new PigmentError('shape-mismatch', `${where}: expected ${expected}, got ${shown}. The file may belong to another model family.`, {
    where,
    shapes: got.map((value) => value.shape),
  })
}
