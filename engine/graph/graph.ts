// The graph: values, nodes, and nothing else. Plain data that prints itself; only the ONNX writer knows protobuf.
import { PigmentError } from '../requests/error.ts'
import { bytesPerElement, type DType } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { showShape, type Dim, type Shape } from './dims.ts'
import { opNamed, type Attributes } from './op.ts'
import type { Sizes } from './size-of-dim.ts'

/** Where a constant's bytes come from: memory, memory that others hold as long as the graph is run, or a slice of a file that stays where it is. */
export type ConstantData = { readonly bytes: Uint8Array } | { readonly held: HeldBytes } | { readonly source: TensorSource }

export interface HeldBytes {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export class Value {
  readonly graph: Graph
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  producer: Node | undefined
  constant: ConstantData | undefined
  /** How many numbers it has, where its shape is left open although they are known. */
  elements: number | undefined
  /** Makes it anew for the backward walk once `late` is known, where that is cheaper than to keep it until then. */
  remade: ((late: Value) => Value) | undefined
  /** Of a convolution's weight: (I, O, k, k) with each kernel turned by half a circle, where that is kept beside it; made once `late` is known. */
  turned: ((late: Value) => Value) | undefined
  constructor(graph: Graph, name: string, dtype: DType, shape: Shape) {
    this.graph = graph
    this.name = name
    this.dtype = dtype
    this.shape = shape
  }
  get rank(): number {
    return this.shape.length
  }
  /** Dimension `axis`, counted from the end when negative. */
  dim(axis: number): Dim {
    const dim = this.shape[axis < 0 ? axis + this.rank : axis]
    if (dim === undefined) throw new PigmentError('graph-axis', `"${this.name}" ${showShape(this.shape)} has no axis ${axis}.`, { axis })
    return dim
  }
}

/** Nodes whose results are computed again in the backward walk instead of being kept (gradient checkpointing). */
export interface Segment {
  readonly name: string
}

export interface Node {
  readonly op: string
  readonly name: string
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  readonly outputs: readonly Value[]
  readonly segment: Segment | undefined
  /** In fp32, also where the graph is computed in 16 bits. */
  readonly precise: boolean
}

export class Graph {
  readonly name: string
  readonly inputs: Value[] = []
  readonly constants: Value[] = []
  readonly nodes: Node[] = []
  readonly outputs: { readonly name: string; readonly value: Value }[] = []
  /** Values that count as constants in the backward walk: nothing flows through them. */
  readonly detached = new Set<Value>()
  /** What its symbols will most likely be, where that is known: it decides between forms that give the same numbers. */
  expected: Sizes = {}
  /** Of a body: bytes that a round takes beside its inputs and outputs, where its shapes do not tell. */
  workspace = 0
  /** Names that are taken, and the number that the next of each begins to look at. */
  readonly #names = new Map<string, number>()
  readonly #constantCache = new Map<string, Value>()
  #scopes: string[] = []
  #segment: Segment | undefined
  #precise = false

  constructor(name: string) {
    this.name = name
  }

  /** A tensor that every run feeds. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = new Value(this, this.#claim(name), dtype, shape)
    if (value.name !== name) throw new PigmentError('graph-name', `The graph "${this.name}" already has a value named "${name}".`, { name })
    this.inputs.push(value)
    return value
  }

  /** A value of the graph around this one, read from inside a body without being passed to it. */
  outer(value: Value): Value {
    return new Value(this, this.#claim(value.name), value.dtype, value.shape)
  }

  /** A constant in memory. Small equal constants are one value. */
  constant(dtype: DType, shape: readonly number[], values: ArrayLike<number>): Value {
    const key = values.length <= 16 ? `${dtype}|${shape.join(',')}|${Array.from(values).join(',')}` : undefined
    const known = key && this.#constantCache.get(key)
    if (known) return known
    const value = new Value(this, this.#claim(values.length === 1 ? `c_${values[0]}` : 'c'), dtype, shape)
    value.constant = { bytes: encode(dtype, values) }
    this.constants.push(value)
    if (key) this.#constantCache.set(key, value)
    return value
  }

  /** A constant of bytes as they are: not copied, and handed to the runtime where they lie if it computes in this memory. */
  held(name: string, part: HeldBytes): Value {
    const value = new Value(this, this.#claim(name), part.dtype, part.shape)
    value.constant = { held: part }
    this.constants.push(value)
    return value
  }

  /** A constant whose bytes another graph holds already. */
  sameConstant({ dtype, shape, constant }: Value): Value {
    const value = new Value(this, this.#claim('c'), dtype, shape)
    value.constant = constant
    this.constants.push(value)
    return value
  }

  /** A frozen weight that stays in its file. */
  weight(name: string, source: TensorSource): Value {
    const value = new Value(this, this.#claim(name), source.dtype, source.shape)
    if (elementCount(source.shape) * bytesPerElement[source.dtype] !== source.length)
      throw new PigmentError(
        'weight-size',
        `Weight "${name}": ${showShape(source.shape)} of ${source.dtype} does not take ${source.length} bytes.`,
        {
          name,
        },
      )
    value.constant = { source }
    this.constants.push(value)
    return value
  }

  /** Appends a node; shapes and dtypes of its outputs come from the op's own rule. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value[] {
    const definition = opNamed(op)
    for (const name of Object.keys(attributes))
      if (!(name in definition.attributes))
        throw new PigmentError(
          'op-attribute',
          `${op} has no attribute "${name}"; it has ${Object.keys(definition.attributes).join(', ') || 'none'}.`,
          {},
        )
    for (const input of inputs)
      if (input && input.graph !== this) throw new PigmentError('graph-mixed', `${op}: "${input.name}" belongs to another graph.`, { op })
    const name = this.#claim([...this.#scopes, op].join('/'))
    const results = definition.infer({ inputs, attributes, where: name })
    const outputs = results.map(
      (result, i) => new Value(this, this.#claim(results.length === 1 ? `${name}_out` : `${name}_out${i}`), result.dtype, result.shape),
    )
    const node: Node = { op, name, inputs, attributes, outputs, segment: this.#segment, precise: this.#precise }
    for (const output of outputs) output.producer = node
    this.nodes.push(node)
    return outputs
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value })
  }

  /** Names the nodes made inside `body` after `name`. */
  scope<T>(name: string, body: () => T): T {
    this.#scopes.push(name)
    try {
      return body()
    } finally {
      this.#scopes.pop()
    }
  }

  /** Marks the nodes made inside `body` for recomputation: only what leaves the segment is kept until the backward walk. */
  recomputed<T>(name: string, body: () => T): T {
    const outer = this.#segment
    this.#segment = { name }
    try {
      return body()
    } finally {
      this.#segment = outer
    }
  }

  /** Nodes made inside `body` are computed in fp32, also where the graph is computed in 16 bits: squares that would be too large, sums of them. */
  precise<T>(body: () => T): T {
    const outer = this.#precise
    this.#precise = true
    try {
      return body()
    } finally {
      this.#precise = outer
    }
  }

  /** Nodes made inside `body` belong to no segment, whatever surrounds the call. */
  outsideSegments<T>(body: () => T): T {
    const outer = this.#segment
    this.#segment = undefined
    try {
      return body()
    } finally {
      this.#segment = outer
    }
  }

  #claim(name: string): string {
    let i = this.#names.get(name)
    let unique = name
    if (i !== undefined) {
      // Names are never given back: those that were taken before still are.
      do unique = `${name}_${i++}`
      while (this.#names.has(unique))
      this.#names.set(name, i)
    }
    this.#names.set(unique, 1)
    return unique
  }
}

function encode(dtype: DType, values: ArrayLike<number>): Uint8Array {
  const numbers = Array.from(values)
  switch (dtype) {
    case 'float32':
      return new Uint8Array((values instanceof Float32Array ? values.slice() : Float32Array.from(numbers)).buffer)
    case 'int64':
      return new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer)
    case 'int32':
      return new Uint8Array(Int32Array.from(numbers).buffer)
    case 'float16':
      return new Uint8Array(Float16Array.from(numbers).buffer)
    case 'float64':
      return new Uint8Array(Float64Array.from(numbers).buffer)
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers)
    case 'bfloat16':
      throw new PigmentError('graph-constant', 'A bfloat16 constant must come from a file.', {})
  }
}
