// Element types of safetensors, and their values as fp32.
import { toFloat32, type DType } from '../tensor/dtype.ts'

/** Bits per element, in ascending rank: writers lay tensors out by descending rank, so wide elements stay aligned. */
const bits: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
])

const ranks: ReadonlyMap<string, number> = new Map([...bits.keys()].map((name, rank) => [name, rank]))

/** Bits of one element, or undefined for a type that the format does not know. */
export function bitsOf(raw: string): number | undefined {
  return bits.get(raw)
}

/** Position in the writer's order; −1 for an unknown type. */
export function rankOf(raw: string): number {
  return ranks.get(raw) ?? -1
}

const engineTypes: ReadonlyMap<string, DType> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F64', 'float64'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
])

/** The engine's name of a safetensors type (`F16` → `float16`), or undefined where the engine has none. */
export function dtypeOf(raw: string): DType | undefined {
  return engineTypes.get(raw)
}

type Decode = (view: DataView, at: number) => number

const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['I8', (view, at) => view.getInt8(at)],
  ['I16', (view, at) => view.getInt16(at, true)],
  ['U16', (view, at) => view.getUint16(at, true)],
  ['U32', (view, at) => view.getUint32(at, true)],
  ['U64', (view, at) => Number(view.getBigUint64(at, true))],
  ['F8_E4M3', fromTable(e4m3)],
  ['F8_E5M2', fromTable(e5m2)],
])

/** Values of any real type as fp32; undefined for a type without plain values (complex, block-scaled, sub-byte). */
export function decodeFloat32(bytes: Uint8Array, raw: string): Float32Array | undefined {
  const dtype = dtypeOf(raw)
  if (dtype !== undefined) return toFloat32(bytes, dtype)
  const decode = decoders.get(raw)
  if (decode === undefined) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const step = (bits.get(raw) ?? 8) / 8
  return Float32Array.from({ length: bytes.byteLength / step }, (_, i) => decode(view, i * step))
}

function fromTable(value: (byte: number) => number): Decode {
  const table = Float32Array.from({ length: 256 }, (_, byte) => value(byte))
  return (view, at) => table[view.getUint8(at)] ?? NaN
}

/** OCP FP8 E4M3 ("FN"): bias 7, no infinity, only all-ones is NaN. */
function e4m3(byte: number): number {
  const [sign, exponent, mantissa] = [byte & 0x80 ? -1 : 1, (byte >> 3) & 15, byte & 7]
  if (exponent === 15 && mantissa === 7) return NaN
  return sign * (exponent === 0 ? (mantissa / 8) * 2 ** -6 : (1 + mantissa / 8) * 2 ** (exponent - 7))
}

/** OCP FP8 E5M2: an fp16 cut to its upper byte. */
function e5m2(byte: number): number {
  const [sign, exponent, mantissa] = [byte & 0x80 ? -1 : 1, (byte >> 2) & 31, byte & 3]
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? (mantissa / 4) * 2 ** -14 : (1 + mantissa / 4) * 2 ** (exponent - 15))
}
