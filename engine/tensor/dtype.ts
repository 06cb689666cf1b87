// Element types as the engine names them, and their conversion to fp32.

export type DType = 'float32' | 'float16' | 'bfloat16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool'

export const bytesPerElement: Record<DType, number> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
}

/** Little-endian bytes of any numeric type → fp32. The bytes may start at any address. */
export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array {
  const aligned = bytes.byteOffset % bytesPerElement[dtype] === 0 ? bytes : bytes.slice()
  const count = aligned.byteLength / bytesPerElement[dtype]
  const buffer = aligned.buffer as ArrayBuffer
  const at = aligned.byteOffset
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, at, count)
    case 'float16':
      return Float32Array.from(new Float16Array(buffer, at, count))
    case 'bfloat16': {
      const out = new Uint32Array(count)
      const half = new Uint16Array(buffer, at, count)
      for (let i = 0; i < count; i++) out[i] = (half[i] ?? 0) << 16
      return new Float32Array(out.buffer)
    }
    case 'float64':
      return Float32Array.from(new Float64Array(buffer, at, count))
    case 'int64':
      return Float32Array.from(new BigInt64Array(buffer, at, count), Number)
    case 'int32':
      return Float32Array.from(new Int32Array(buffer, at, count))
    case 'uint8':
    case 'bool':
      return Float32Array.from(aligned)
  }
}

/** fp32 → the little-endian bytes of a floating type; bf16 and fp16 round to nearest even. */
export function fromFloat32(values: Float32Array, dtype: 'float32' | 'float16' | 'bfloat16'): Uint8Array {
  if (dtype === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice()
  if (dtype === 'float16') return new Uint8Array(Float16Array.from(values).buffer)
  const bits = new Uint32Array(values.slice().buffer)
  const out = new Uint16Array(bits.length)
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i] ?? 0
    const isNaN = (b & 0x7fffffff) > 0x7f800000
    out[i] = isNaN ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16
  }
  return new Uint8Array(out.buffer)
}
