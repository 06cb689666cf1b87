// Large frozen weights as their file has them, held once for forward and backward: each becomes fp32 when its turn comes, and is let go of again. As
// constants the runtime would make them fp32 for good, in a layout for each direction, and each of these once more as its kernels like it.
import type { Value } from '../../graph/graph.ts'
import { lateZero } from '../../graph/late-zero.ts'
import { add, cast, ints, matMul, reshape, reshapeTo, transpose } from '../../graph/math.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { DType } from '../../tensor/dtype.ts'
import type { PackedPart, PackedWeight, Packing, WeightToPack } from '../codec.ts'

/** Fewer numbers are not worth their nodes. */
const least = 4096

/** fp16 stays as it is; what the runtime cannot be handed (bf16), or lies turned in its file, is held in fp32. */
const kept = (dtype: DType | undefined): 'float16' | 'float32' => (dtype === 'float16' ? 'float16' : 'float32')

export const held: Packing = {
  holds: (shape) => shape.length > 1 && elementCount(shape) >= least,

  outline(shape, stored) {
    const dtype = kept(stored)
    const bytes = new Uint8Array()
    const [O = 1, I = 1, ...kernel] = shape
    return {
      weight: { dtype, shape, bytes },
      ...(elementCount(kernel) > 1 ? { turned: { dtype, shape: [I, O, ...kernel], bytes } } : {}),
    }
  },

  async pack(weight: WeightToPack): Promise<PackedWeight> {
    const { shape, stored } = weight
    const dtype = kept(stored?.dtype)
    const bytes = stored && dtype === stored.dtype ? stored.bytes() : await asFloats(weight)
    const [O = 1, I = 1, ...kernel] = shape
    const part: PackedPart = { dtype, shape, bytes }
    if (elementCount(kernel) === 1) return { weight: part }
    return { weight: part, turned: { dtype, shape: [I, O, ...kernel], bytes: turnedBytes(part, O, I) } }
  },

  frozen({ weight, turned }, shape) {
    const value = (wanted: readonly number[]): Value => {
      const made = unpacked(weight as Value, wanted)
      if (turned && wanted.length === 4) made.turned = (late) => unpacked(turned, turned.shape as readonly number[], late)
      return made
    }
    return {
      shape,
      product(x) {
        const matrix = shape.slice(0, 2)
        const across = (late?: Value): Value => transpose(unpacked(weight as Value, matrix, late), [1, 0])
        const made = across()
        made.remade = across
        return matMul(x, made)
      },
      value,
    }
  },
}

const zeros = new WeakMap<Value, Value>()

/** A weight in fp32, made no earlier than `late` is: through its shape, which costs nothing. One that is held in fp32 is there already. */
function unpacked(part: Value, wanted: readonly number[], late?: Value): Value {
  if (part.dtype === 'float32') return reshape(part, wanted)
  if (!late) {
    const made = cast(reshape(part, wanted), 'float32')
    made.remade = (after) => unpacked(part, wanted, after)
    return made
  }
  const zero = zeros.get(late) ?? cast(lateZero(late), 'int64')
  zeros.set(late, zero)
  return reshape(cast(reshapeTo(part, add(ints(part.graph, wanted), zero)), 'float32'), wanted)
}

async function asFloats({ shape, pieces }: WeightToPack): Promise<Uint8Array> {
  const data = new Float32Array(elementCount(shape))
  let at = 0
  for await (const piece of pieces()) {
    data.set(piece, at)
    at += piece.length
  }
  return new Uint8Array(data.buffer)
}

/** (O, I, k, k) → (I, O, k, k), each kernel turned by half a circle: with it the gradient by the input is a convolution too. */
function turnedBytes({ dtype, bytes }: PackedPart, O: number, I: number): Uint8Array {
  const Numbers = dtype === 'float16' ? Uint16Array : Float32Array
  const from = new Numbers(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / Numbers.BYTES_PER_ELEMENT)
  const into = new Numbers(from.length)
  const places = from.length / (O * I)
  for (let i = 0, to = 0; i < I; i++)
    for (let o = 0; o < O; o++) for (let k = places, at = (o * I + i) * places; k-- > 0; to++) into[to] = from[at + k] as number
  return new Uint8Array(into.buffer)
}
