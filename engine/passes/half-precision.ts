// A graph of fp32 as the same graph in 16 bits, forwards and backwards: products and what flows between them in fp16 or bf16, fp32 where the reference
// has it (statistics of norms, softmax, sums, timesteps, the loss). Inputs and outputs stay fp32, so that whoever feeds it, adapters and optimizer
// among them, sees no difference. Reference: torch.amp.autocast ("Autocast Op Reference") and PyTorch's promotion of types.
import { Graph, Value, type Node } from '../graph/graph.ts'
import { onnxType } from '../graph/math.ts'
import { opNamed } from '../graph/op.ts'
import type { ComputePrecision } from '../requests/compute-precision.ts'
import { fromFloat32, toFloat32, type DType } from '../tensor/dtype.ts'

export type HalfType = 'float16' | 'bfloat16'
type Width = 'half' | 'full'

/** A number of the source in the new graph: in the type in which it is made, and in the other one from when it is first asked for. */
interface Made {
  readonly width: Width
  half?: Value
  full?: Value
}

const types: Readonly<Record<ComputePrecision, HalfType | undefined>> = { fp32: undefined, fp16: 'float16', bf16: 'bfloat16' }

export function inPrecision(graph: Graph, precision: ComputePrecision = 'fp32'): Graph {
  const half = types[precision]
  return half ? halfPrecision(graph, half) : graph
}

/** Weights of 16 bits go in as they lie in their file. */
export function halfPrecision(graph: Graph, half: HalfType): Graph {
  return new Lowering(graph, half).graph
}

class Lowering {
  readonly graph: Graph
  readonly #source: Graph
  readonly #half: HalfType
  /** Of a body: what it stands in. */
  readonly #around: Lowering | undefined
  /** What is fp32 in the source. */
  readonly #made = new Map<Value, Made>()
  readonly #others = new Map<Value, Value>()
  /** Constants, and what is made of them alone: they take the type of what they are computed with. */
  readonly #constants: Set<Value>
  /** Those that are made of constants, by how: layers that are computed again make theirs again, and it is the same weight. */
  readonly #folded = new Map<string, Node>()
  /** What is known of a value of the new graph: under several names of the source it is one. */
  readonly #entries = new Map<Value, Made>()
  #byName: Map<string, Value> | undefined

  constructor(source: Graph, half: HalfType, around?: Lowering) {
    this.graph = new Graph(source.name)
    this.graph.expected = source.expected
    this.graph.workspace = source.workspace
    this.#source = source
    this.#half = half
    this.#around = around
    this.#constants = new Set(source.constants)
    for (const value of source.inputs) {
      const input = this.#value(value.name, value.dtype, value)
      this.graph.inputs.push(input)
      this.#keep(value, input, 'full')
    }
    for (const node of source.nodes) this.#node(node)
    // The state of a body keeps its type from round to round; what each round tells is stacked as it is.
    const first = around ? source.inputs.length - 1 : source.outputs.length
    source.outputs.forEach(({ name, value }, i) => this.graph.output(name, this.#as(value, i < first ? 'full' : this.#widthOf(value))))
  }

  #node(node: Node): void {
    const [x] = node.inputs
    if (node.op === 'Cast' && x && node.outputs[0]?.dtype === 'float32') return this.#cast(node, x, node.outputs[0])
    const { fixed = [] } = opNamed(node.op)
    const bodies = Object.values(node.attributes).filter((value) => value instanceof Graph)
    const { into, out } = bodies.length > 0 ? ({ into: 'full', out: 'full' } as const) : this.#widths(node)
    const inputs = node.inputs.map((input, i) => input && this.#as(input, fixed.includes(i) ? 'full' : into))
    const lowered = new Map(bodies.map((body) => [body, new Lowering(body, this.#half, this).graph]))
    const attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [key, lowered.get(value as Graph) ?? value]),
    )
    const told = [...lowered.values()].flatMap(({ outputs }) => outputs.slice(1).map(({ value }) => value.dtype))
    const constant = inputs.length > 0 && node.inputs.every((input) => !input || this.#constants.has(input))
    const made = constant ? this.#known(node, inputs) : undefined
    if (made) return node.outputs.forEach((output, i) => this.#again(output, made[i] as Value))
    const outputs = node.outputs.map((output, i) => {
      if (constant) this.#constants.add(output)
      const isNumber = output.dtype === 'float32'
      const dtype = told[i] ?? (isNumber && into === 'half' ? this.#half : output.dtype)
      // Computed in one type, given in another.
      const named = isNumber && into !== out ? `${output.name}.inside` : output.name
      return this.#value(named, dtype, output)
    })
    const added = { ...node, inputs, attributes, outputs }
    this.#add(added)
    if (constant && into === out) this.#folded.set(keyOf(node.op, attributes, inputs), added)
    node.outputs.forEach((output, i) => {
      const made = outputs[i] as Value
      const given = made.name === output.name ? made : this.#castTo(made, this.#half, output.name)
      this.#keep(output, given, given.dtype === this.#half ? 'half' : 'full')
    })
  }

  /** What is made of these constants already; a weight that is turned back is the weight. */
  #known({ op, attributes }: Node, inputs: readonly (Value | undefined)[]): readonly Value[] | undefined {
    const before = inputs[0]?.producer
    if (op === 'Transpose' && before?.op === 'Transpose') {
      const [perm, first] = [attributes.perm as readonly number[], before.attributes.perm as readonly number[]]
      if (perm.every((axis, i) => first[axis] === i)) return [before.inputs[0] as Value]
    }
    return this.#folded.get(keyOf(op, attributes, inputs))?.outputs
  }

  #again(source: Value, made: Value): void {
    this.#constants.add(source)
    const known = this.#entries.get(made)
    if (known) this.#made.set(source, known)
    else this.#keep(source, made, made.dtype === this.#half ? 'half' : 'full')
  }

  /** In which type a node takes its numbers, and in which it gives them. */
  #widths({ op, inputs, precise }: Node): { into: Width; out: Width } {
    if (precise) return { into: 'full', out: 'full' }
    const { precision, fixed = [] } = opNamed(op)
    const numbers = inputs.filter((input, i): input is Value => input?.dtype === 'float32' && !fixed.includes(i))
    const computed = numbers.filter((input) => !this.#constants.has(input))
    if (precision === 'half') {
      // A product of what is trained with what is trained, of which a weight becomes: not of activations.
      const learnt = computed.length > 1 && computed.every((input) => this.#widthOf(input) === 'full')
      return learnt ? { into: 'full', out: 'full' } : { into: 'half', out: 'half' }
    }
    const widest = this.#widest(numbers)
    if (precision === 'inside') return { into: 'full', out: computed.length > 0 && numbers[0] ? this.#widthOf(numbers[0]) : widest }
    return { into: widest, out: widest }
  }

  /** As PyTorch promotes: a number without axes widens nothing that has some. A constant widens nothing that is computed. */
  #widest(values: readonly Value[]): Width {
    const shaped = values.filter(({ rank }) => rank > 0)
    const counted = shaped.length > 0 ? shaped : values
    const computed = counted.filter((value) => !this.#constants.has(value))
    const isFull = (value: Value): boolean => this.#widthOf(value) === 'full'
    return (computed.length > 0 ? computed.some(isFull) : counted.every(isFull)) ? 'full' : 'half'
  }

  /** To fp32: a weight of 16 bits is what it was, in them; what was something else becomes fp32. */
  #cast(node: Node, x: Value, output: Value): void {
    const constant = this.#constants.has(x)
    if (constant) this.#constants.add(output)
    if (x.dtype === 'float32') return void this.#made.set(output, this.#madeOf(x))
    const stored = this.#other(x)
    if (constant && (x.dtype === 'float16' || x.dtype === 'bfloat16')) {
      const half = x.dtype === this.#half ? stored : this.#castTo(stored, this.#half)
      const entry: Made = { width: 'half', half }
      this.#entries.set(half, entry)
      return void this.#made.set(output, entry)
    }
    const full = this.#value(output.name, 'float32', output)
    this.#add({ ...node, inputs: [stored], outputs: [full] })
    this.#made.set(output, { width: 'full', full })
  }

  #as(value: Value, width: Width): Value {
    if (value.dtype !== 'float32') return this.#other(value)
    const made = this.#madeOf(value)
    return (made[width] ??= this.#make(value, made, width))
  }

  #make(value: Value, made: Made, width: Width): Value {
    if (this.#isOuter(value)) return this.#outer(value, width)
    const { constant } = value
    if (constant && width === 'full') return this.#constant(value)
    if (constant && 'bytes' in constant) return this.#constant(value, this.#half)
    return this.#castTo(this.#as(value, made.width), width === 'half' ? this.#half : 'float32')
  }

  #other(value: Value): Value {
    const known = this.#others.get(value)
    if (known) return known
    const made = this.#isOuter(value) ? this.#outer(value, 'full') : this.#constant(value)
    this.#others.set(value, made)
    return made
  }

  #madeOf(value: Value): Made {
    const known = this.#made.get(value)
    if (known) return known
    const made: Made = { width: this.#isOuter(value) ? this.#outside(value).widthOf : 'full' }
    this.#made.set(value, made)
    return made
  }

  #widthOf(value: Value): Width {
    return this.#madeOf(value).width
  }

  #constant(value: Value, half?: HalfType): Value {
    const made = this.#value(half ? `${value.name}.half` : value.name, half ?? value.dtype, value)
    const { constant } = value
    made.constant = half && constant && 'bytes' in constant ? { bytes: fromFloat32(toFloat32(constant.bytes, 'float32'), half) } : constant
    this.graph.constants.push(made)
    return made
  }

  #isOuter(value: Value): boolean {
    return this.#around !== undefined && !value.producer && !value.constant && !this.#source.inputs.includes(value)
  }

  /** What a body reads of the graph around it is there under the same name. */
  #outside({ name }: Value): { readonly around: Lowering; readonly value: Value; readonly widthOf: Width } {
    const around = this.#around as Lowering
    const { inputs, constants, nodes } = around.#source
    around.#byName ??= new Map([...inputs, ...constants, ...nodes.flatMap(({ outputs }) => outputs)].map((value) => [value.name, value]))
    const value = around.#byName.get(name) as Value
    return { around, value, widthOf: value.dtype === 'float32' ? around.#widthOf(value) : 'full' }
  }

  #outer(value: Value, width: Width): Value {
    const { around, value: outside } = this.#outside(value)
    const { name, dtype } = around.#as(outside, width)
    return this.#value(name, dtype, value)
  }

  #castTo(value: Value, to: DType, name = `${value.name}.${to === this.#half ? 'half' : 'full'}`): Value {
    const made = this.#value(name, to, value)
    const node = { op: 'Cast', name: `${made.name}/Cast`, inputs: [value], attributes: { to: onnxType[to] }, outputs: [made] }
    this.#add({ ...node, segment: undefined, precise: false })
    return made
  }

  #keep(source: Value, made: Value, width: Width): void {
    const entry = { width, [width]: made }
    if (source.dtype === 'float32') {
      this.#made.set(source, entry)
      this.#entries.set(made, entry)
    } else this.#others.set(source, made)
  }

  #value(name: string, dtype: DType, { shape, elements }: Value): Value {
    const value = new Value(this.graph, name, dtype, shape)
    value.elements = elements
    return value
  }

  #add(node: Node): void {
    for (const output of node.outputs) output.producer = node
    this.graph.nodes.push(node)
  }
}

const keyOf = (op: string, attributes: Node['attributes'], inputs: readonly (Value | undefined)[]): string => {
  const said = Object.entries(attributes).map(([name, value]) => `${name} ${value instanceof Graph ? bodyName(value) : String(value)}`)
  return `${op}(${inputs.map((input) => input?.name ?? '').join(', ')}; ${said.join('; ')})`
}

/** Two bodies are never taken for the same one. */
const bodies = new WeakMap<Graph, number>()
let named = 0
function bodyName(body: Graph): string {
  const name = bodies.get(body) ?? named++
  bodies.set(body, name)
  return `body ${name}`
}
