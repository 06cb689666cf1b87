// For every operator with a gradient: small graphs in which it is differentiated. Tests hold them against differences, and other devices against the CPU.
import type { Value } from '../graph/graph.ts'
import * as m from '../graph/math.ts'
import type { GradientCase } from './testing-gradient.ts'
import './index.ts'

type Inputs = Record<string, Value>
const x23 = { x: [2, 3] } as const
const positive = (i: number): number => 0.6 + ((i * 37) % 11) / 7
const unary = (f: (x: Value) => Value, values?: (i: number) => number): GradientCase => ({
  inputs: x23,
  build: ({ x }: Inputs) => f(x!),
  ...(values ? { values } : {}),
})
const binary = (f: (a: Value, b: Value) => Value, values?: (i: number) => number): GradientCase[] => [
  { inputs: { a: [2, 3], b: [2, 3] }, build: ({ a, b }: Inputs) => f(a!, b!), ...(values ? { values } : {}) },
  { inputs: { a: ['N', 3, 1], b: [4] }, sizes: { N: 2 }, build: ({ a, b }: Inputs) => f(a!, b!), ...(values ? { values } : {}) },
]
const ints = (graph: Value['graph'], values: number[]) => graph.constant('int64', [values.length], values)
/** With the picture's size known and not, and with fewer and more outputs than cells: the gradient of W is made differently. */
const convolution = (stride: number, kernel: number, pads: [number, number, number, number], side: number): GradientCase[] =>
  [['H', 'W', 3] as const, [side, side + 1, 3] as const, [side, side + 1, 9] as const].map(([high, wide, outputs]) => ({
    inputs: { x: ['N', 2, high, wide], w: [outputs, 2, kernel, kernel], b: [outputs] },
    sizes: { N: 2, H: side, W: side + 1 },
    build: ({ x, w, b }: Inputs) => m.conv(x!, w!, b, { stride, pads }),
  }))

const cases: Record<string, GradientCase | GradientCase[]> = {
  Abs: unary(m.abs),
  Add: binary(m.add),
  Sub: binary(m.sub),
  Mul: binary(m.mul),
  Div: binary(m.div, positive),
  Neg: unary(m.neg),
  Exp: unary(m.exp),
  Log: unary(m.log, positive),
  Sqrt: unary(m.sqrt, positive),
  Reciprocal: unary(m.reciprocal, positive),
  Sigmoid: unary(m.sigmoid),
  Tanh: unary(m.tanh),
  Erf: unary(m.erf),
  Sin: unary(m.sin),
  Cos: unary(m.cos),
  Relu: unary(m.relu),
  Identity: unary((x) => x.graph.op('Identity', [x])[0]!),
  Cast: unary((x) => m.cast(m.cast(x, 'float64'), 'float32')),
  MatMul: [
    { inputs: { a: [2, 3], b: [3, 4] }, build: ({ a, b }) => m.matMul(a!, b!) },
    { inputs: { a: ['N', 2, 3], b: [3, 4] }, sizes: { N: 2 }, build: ({ a, b }) => m.matMul(a!, b!) },
    { inputs: { a: ['N', 2, 2, 3], b: ['N', 2, 3, 2] }, sizes: { N: 2 }, build: ({ a, b }) => m.matMul(a!, b!) },
    { inputs: { a: ['N', 2, 'R'], b: ['R', 3] }, sizes: { N: 2, R: 4 }, build: ({ a, b }) => m.matMul(a!, b!) },
  ],
  MatMulBnb4: {
    inputs: { x: ['N', 2, 32] },
    sizes: { N: 2 },
    build: ({ x }, g) => {
      const codes = g.constant(
        'uint8',
        [64],
        Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
      )
      const attributes = { K: 32, N: 4, block_size: 64, quant_type: 1 }
      return g.op('MatMulBnb4', [x!, codes, g.constant('float32', [2], [0.5, 0.8])], attributes)[0]!
    },
  },
  MultiHeadAttention: {
    inputs: { q: ['N', 3, 4], k: ['N', 2, 4], v: ['N', 2, 4] },
    sizes: { N: 2 },
    build: ({ q, k, v }) => q!.graph.op('MultiHeadAttention', [q!, k!, v!], { num_heads: 2 })[0]!,
  },
  Flatten: { inputs: { x: [2, 3, 'R'] }, sizes: { R: 2 }, build: ({ x }) => x!.graph.op('Flatten', [x!], { axis: 2 })[0]! },
  Softmax: [unary((x) => m.softmax(x)), unary((x) => m.softmax(x, 0))],
  ReduceSum: [
    unary((x) => m.reduceSum(x, [0])),
    { inputs: { x: ['N', 3, 'H'] }, sizes: { N: 2, H: 2 }, build: ({ x }) => m.reduceSum(x!, [1], false) },
  ],
  ReduceMean: [
    unary((x) => m.reduceMean(x, [1])),
    { inputs: { x: ['N', 3, 'H'] }, sizes: { N: 2, H: 3 }, build: ({ x }) => m.reduceMean(x!, [-1, 1], false) },
  ],
  Unsqueeze: unary((x) => x.graph.op('Unsqueeze', [x, ints(x.graph, [1])])[0]!),
  Reshape: [
    unary((x) => m.reshape(x, [3, 2])),
    { inputs: { x: ['N', 4, 'H'] }, sizes: { N: 2, H: 3 }, build: ({ x }) => m.reshape(x!, [0, 2, -1]) },
  ],
  Expand: { inputs: { x: [2, 1, 3] }, build: ({ x }, g) => m.expandTo(x!, ints(g, [2, 4, 3])) },
  Transpose: { inputs: { x: [2, 3, 2] }, build: ({ x }) => m.transpose(x!, [2, 0, 1]) },
  Concat: [
    { inputs: { a: [2, 3], b: [2, 1] }, build: ({ a, b }) => m.concat([a!, b!], 1) },
    { inputs: { a: [2, 'R'], b: [2, 'S'] }, sizes: { R: 3, S: 2 }, build: ({ a, b }) => m.concat([a!, b!], -1) },
  ],
  Split: [
    { inputs: { x: [2, 5] }, build: ({ x }) => m.mul(m.split(x!, -1, [2, 3])[1]!, 2) },
    { inputs: { x: [4, 2] }, build: ({ x }) => m.mul(...(m.split(x!, 0, [2, 2]) as [Value, Value])) },
  ],
  Slice: [
    { inputs: { x: [2, 5] }, build: ({ x }) => m.slice(x!, 1, 1, 4) },
    { inputs: { x: [2, 'W', 2] }, sizes: { W: 5 }, build: ({ x }) => m.slice(x!, 1, 1, -1) },
    { inputs: { x: [2, 'W'] }, sizes: { W: 5 }, build: ({ x }) => m.slice(x!, 1, -2, Number.MAX_SAFE_INTEGER) },
  ],
  Pad: { inputs: { x: [2, 3] }, build: ({ x }) => m.pad(x!, [1, 0, 0, 2]) },
  Gather: { inputs: { x: [4, 3] }, build: ({ x }, g) => m.gather(x!, g.constant('int64', [2, 3], [0, 2, 2, 1, 0, 2])) },
  Where: {
    inputs: { a: [2, 3], b: [3] },
    build: ({ a, b }, g) =>
      m.where(g.op('Equal', [g.constant('int64', [2, 3], [1, 0, 1, 0, 0, 1]), g.constant('int64', [], [1])])[0]!, a!, b!),
  },
  Clip: unary((x) => m.clip(x, -0.45, 0.45)),
  Resize: { inputs: { x: ['N', 2, 2, 'W'] }, sizes: { N: 1, W: 3 }, build: ({ x }) => m.upsample2(x!) },
  AveragePool: {
    inputs: { x: [1, 2, 4, 2] },
    build: ({ x }) => x!.graph.op('AveragePool', [x!], { kernel_shape: [2, 2], strides: [2, 2] })[0]!,
  },
  Conv: [
    ...convolution(1, 3, [1, 1, 1, 1], 3),
    ...convolution(1, 1, [0, 0, 0, 0], 2),
    ...convolution(2, 3, [1, 1, 1, 1], 4),
    ...convolution(2, 3, [1, 1, 1, 1], 5),
    ...convolution(2, 3, [0, 0, 1, 1], 4),
  ],
  LayerNormalization: {
    inputs: { x: ['N', 2, 6], scale: [6], b: [6] },
    sizes: { N: 2 },
    build: ({ x, scale, b }, g) => g.op('LayerNormalization', [x!, scale!, b!], { axis: -1, epsilon: 1e-5 })[0]!,
  },
  InstanceNormalization: {
    inputs: { x: ['N', 2, 5], scale: [2], b: [2] },
    sizes: { N: 2 },
    build: ({ x, scale, b }, g) => g.op('InstanceNormalization', [x!, scale!, b!], { epsilon: 1e-5 })[0]!,
  },
}

export const casesOf = (op: string): readonly GradientCase[] => {
  const found = cases[op] ?? []
  return Array.isArray(found) ? found : [found]
}
