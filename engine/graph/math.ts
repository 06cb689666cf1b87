// The operators as functions of values, so that a model reads as its formulas. No layer logic here.
import type { DType } from '../tensor/dtype.ts'
import type { Graph, Value } from './graph.ts'
import type { Attributes } from './op.ts'

export type Operand = Value | number

function one(graph: Graph, op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
  return graph.op(op, inputs, attributes)[0] as Value
}

function graphOf(...operands: Operand[]): Graph {
  const value = operands.find((operand) => typeof operand !== 'number')
  return (value as Value).graph
}

function lift(graph: Graph, operand: Operand, dtype: DType): Value {
  return typeof operand === 'number' ? graph.constant(dtype, [], [operand]) : operand
}

function binary(op: string, a: Operand, b: Operand): Value {
  const graph = graphOf(a, b)
  const dtype = (typeof a === 'number' ? (b as Value) : a).dtype
  return one(graph, op, [lift(graph, a, dtype), lift(graph, b, dtype)])
}

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b)
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b)
export const mul = (a: Operand, b: Operand): Value => binary('Mul', a, b)
export const div = (a: Operand, b: Operand): Value => binary('Div', a, b)
export const matMul = (a: Value, b: Value): Value => one(a.graph, 'MatMul', [a, b])

const unary =
  (op: string) =>
  (x: Value): Value =>
    one(x.graph, op, [x])
export const neg = unary('Neg')
export const exp = unary('Exp')
export const log = unary('Log')
export const sqrt = unary('Sqrt')
export const reciprocal = unary('Reciprocal')
export const sigmoid = unary('Sigmoid')
export const tanh = unary('Tanh')
export const erf = unary('Erf')
export const sin = unary('Sin')
export const cos = unary('Cos')
export const abs = unary('Abs')
export const relu = unary('Relu')
/** The shape of `x` at run time, as int64. Optionally only axes `start` … `end`−1. */
export const shapeOf = (x: Value, start?: number, end?: number): Value => one(x.graph, 'Shape', [x], { start, end })

/** x as it is, through which no gradient flows. */
export function detach(x: Value): Value {
  const y = one(x.graph, 'Identity', [x])
  x.graph.detached.add(y)
  return y
}
export const softmax = (x: Value, axis = -1): Value => one(x.graph, 'Softmax', [x], { axis })
export const cast = (x: Value, to: DType): Value => (x.dtype === to ? x : one(x.graph, 'Cast', [x], { to: onnxType[to] }))
export const transpose = (x: Value, perm: readonly number[]): Value => one(x.graph, 'Transpose', [x], { perm })
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1 ? (values[0] as Value) : one((values[0] as Value).graph, 'Concat', values, { axis })

/** Target dims: a positive number, 0 = as the input's dim at that place, −1 = the rest. */
export function reshape(x: Value, dims: readonly number[]): Value {
  return one(x.graph, 'Reshape', [x, ints(x.graph, dims)])
}
/** To a shape known only at run time; `like` gives the engine's knowledge of it. */
export function reshapeTo(x: Value, shape: Value): Value {
  return one(x.graph, 'Reshape', [x, shape])
}
export const expandTo = (x: Value, shape: Value): Value => one(x.graph, 'Expand', [x, shape])

export const reduceSum = (x: Value, axes: readonly number[], keepdims = true): Value =>
  one(x.graph, 'ReduceSum', [x, ints(x.graph, axes)], { keepdims: keepdims ? 1 : 0 })
export const reduceMean = (x: Value, axes: readonly number[], keepdims = true): Value =>
  one(x.graph, 'ReduceMean', [x, ints(x.graph, axes)], { keepdims: keepdims ? 1 : 0 })

/** x[start:end] along `axis`. */
export function slice(x: Value, axis: number, start: number, end: number | Value, step = 1): Value {
  const g = x.graph
  return one(g, 'Slice', [x, ints(g, [start]), typeof end === 'number' ? ints(g, [end]) : end, ints(g, [axis]), ints(g, [step])])
}
/** Equal parts, or parts of the given sizes, along `axis`. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  return x.graph.op('Split', [x, ints(x.graph, sizes)], { axis })
}
/** Zero padding: `pads` = all begins, then all ends. Negative values cut. */
export function pad(x: Value, pads: readonly number[]): Value {
  return one(x.graph, 'Pad', [x, ints(x.graph, pads)])
}
export const gather = (table: Value, indices: Value, axis = 0): Value => one(table.graph, 'Gather', [table, indices], { axis })
export const where = (condition: Value, a: Value, b: Value): Value => one(a.graph, 'Where', [condition, a, b])
export const clip = (x: Value, low: number, high: number): Value =>
  one(x.graph, 'Clip', [x, x.graph.constant(x.dtype, [], [low]), x.graph.constant(x.dtype, [], [high])])

export interface Window {
  readonly stride?: number
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number]
}
export function conv(x: Value, w: Value, b: Value | undefined, { stride = 1, pads = [0, 0, 0, 0] }: Window = {}): Value {
  return one(x.graph, 'Conv', b ? [x, w, b] : [x, w], { strides: [stride, stride], pads })
}
/** Nearest ×2 of the last two axes of (N, C, H, W). */
export function upsample2(x: Value): Value {
  const scales = x.graph.constant('float32', [4], [1, 1, 2, 2])
  return one(x.graph, 'Resize', [x, undefined, scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  })
}

export function ints(graph: Graph, values: readonly number[]): Value {
  return graph.constant('int64', [values.length], values)
}

export const onnxType: Record<DType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
}
/** The numbers of a small int64 constant, or undefined when it is known only at run time. */
export function constantInts(value: Value | undefined): number[] | undefined {
  const data = value?.constant
  if (!data || !('bytes' in data) || value.dtype !== 'int64') return undefined
  return Array.from(new BigInt64Array(data.bytes.slice().buffer), Number)
}
