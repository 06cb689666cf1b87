// Graph → ONNX ModelProto bytes. The only file that knows protobuf.
import { create, toBinary } from '@bufbuild/protobuf'
import type { Graph, Value } from '../graph/graph.ts'
import { onnxType } from '../graph/math.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { opNamed, type Attribute, type AttributeKind } from '../graph/op.ts'
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProtoSchema,
  TypeProtoSchema,
  TypeProto_TensorSchema,
  TensorShapeProtoSchema,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.js'

export const opset = 20

/** Where a weight stays: its file, as seen from the folder that the session is given. Bytes are written into the graph instead. */
export type Placing = (source: TensorSource) => string | Uint8Array

export interface WriteOptions {
  readonly metadata?: Readonly<Record<string, string>>
  /** Constants that are inputs of the ONNX graph: whoever runs it hands them over. */
  readonly fed?: ReadonlySet<Value>
}

/** The graph as ONNX bytes. Weights stay where they are: each becomes external data, a slice of the file that `placing` names. */
export function writeOnnx(graph: Graph, placing: Placing, { metadata = {}, fed }: WriteOptions = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'pigment',
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) }),
      create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
    ],
    graph: graphProto(graph, placing, fed),
    metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  })
  return toBinary(ModelProtoSchema, model)
}

function graphProto(graph: Graph, placing: Placing, fed: ReadonlySet<Value> = new Set()): GraphProto {
  const produced = new Map(graph.outputs.map(({ name, value }) => [name, value]))
  const node = graph.nodes.map((item) =>
    create(NodeProtoSchema, {
      name: item.name,
      opType: item.op,
      domain: opNamed(item.op).domain ?? '',
      input: item.inputs.map((value) => value?.name ?? ''),
      output: item.outputs.map((value) => value.name),
      attribute: Object.entries(item.attributes).flatMap(([name, value]) =>
        value === undefined ? [] : [attribute(name, opNamed(item.op).attributes[name] as AttributeKind, value, placing)],
      ),
    }),
  )
  // A public output name may differ from the value's own: an Identity carries it over.
  for (const [name, value] of produced)
    if (name !== value.name)
      node.push(create(NodeProtoSchema, { name: `output/${name}`, opType: 'Identity', input: [value.name], output: [name] }))
  return create(GraphProtoSchema, {
    name: graph.name,
    node,
    initializer: graph.constants.filter((value) => !fed.has(value)).map((value) => initializer(value, placing)),
    input: [...graph.inputs, ...fed].map((value) => valueInfo(value.name, value)),
    output: [...produced].map(([name, value]) => valueInfo(name, value, true)),
    valueInfo: innerShapes(graph),
  })
}

/**
 * What the engine knows of the shapes between inputs and outputs. Where the runtime has to guess, it looks for memory to use again among all that
 * was ever let go, which takes most of the time of opening a session. Only convolutions stay untold: were two of one shape known, their sum would be
 * taken inside the second, whose last bit then differs from that of a session that leaves its convolutions open.
 */
function innerShapes({ nodes, outputs }: Graph): ValueInfoProto[] {
  const told = new Set(outputs.map(({ name }) => name))
  return nodes
    .filter(({ op }) => op !== 'Conv')
    .flatMap((node) => node.outputs.filter(({ name }) => !told.has(name)).map((value) => valueInfo(value.name, value)))
}

function attribute(name: string, kind: AttributeKind, value: Attribute, placing: Placing): AttributeProto {
  switch (kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value as number) })
    case 'ints':
      return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: (value as readonly number[]).map(BigInt) })
    case 'float':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value as number })
    case 'floats':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...(value as readonly number[])] })
    case 'graph':
      return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: graphProto(value as Graph, placing) })
    case 'string':
      return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value as string) })
  }
}

function initializer(value: Value, placing: Placing): TensorProto {
  const shared = { name: value.name, dataType: onnxType[value.dtype], dims: value.shape.map((dim) => BigInt(dim)) }
  const inline = (rawData: Uint8Array): TensorProto => create(TensorProtoSchema, { ...shared, rawData })
  const data = value.constant
  if (!data || 'bytes' in data) return inline(data?.bytes ?? new Uint8Array())
  if ('held' in data) return inline(data.held.bytes)
  const location = placing(data.source)
  if (typeof location !== 'string') return inline(location)
  const facts = { location, offset: String(data.source.offset), length: String(data.source.length) }
  const externalData = Object.entries(facts).map(([key, text]) => create(StringStringEntryProtoSchema, { key, value: text }))
  return create(TensorProtoSchema, { ...shared, dataLocation: DataLocation.EXTERNAL, externalData })
}

/** Symbols of outputs are left open where they are expressions: the runtime finds them itself. */
function valueInfo(name: string, value: Value, output = false): ValueInfoProto {
  const dim = value.shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'number'
          ? { case: 'dimValue', value: BigInt(size) }
          : output && !/^\w+$/.test(size)
            ? { case: undefined }
            : { case: 'dimParam', value: size },
    }),
  )
  const tensorType = create(TypeProto_TensorSchema, { elemType: onnxType[value.dtype], shape: create(TensorShapeProtoSchema, { dim }) })
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }) })
}
