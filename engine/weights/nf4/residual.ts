// What 4 bits hold worst are a weight's few largest directions. Kept apart in fp16, W ≈ NF4(W − U·V) + U·V (the low-rank branch of SVDQuant, Li et al.
// 2024, arXiv 2411.05007; OneTrainer's `svd_rank`).
import type { Value } from '../../graph/graph.ts'
import { add, cast, matMul, reshape, transpose } from '../../graph/math.ts'
import { truncatedSvd } from '../../linear-algebra/truncated-svd.ts'
import { product, type Multiply } from '../../linear-algebra/product.ts'
import type { Matrix } from '../../linear-algebra/matrix.ts'
import { lateConstantZero } from '../../ops/shared/four-bit.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { PackedWeight, Packing, WeightToPack } from '../codec.ts'

/** U (O, r) and V (r, I) in fp16, a singular value's root in each; what is left is packed as `packing` packs a weight. */
export function residualPacking(packing: Packing, rank: number): Packing {
  const outline = (shape: readonly number[]): PackedWeight => {
    const { O, I, r } = sides(shape, rank)
    const bytes = new Uint8Array()
    return { ...packing.outline(shape), up: { dtype: 'float16', shape: [O, r], bytes }, down: { dtype: 'float16', shape: [r, I], bytes } }
  }
  return {
    holds: (shape) => packing.holds(shape),
    outline,
    multiplies: true,

    async pack({ shape, pieces, multiply = product }: WeightToPack): Promise<PackedWeight> {
      const { O, I, r } = sides(shape, rank)
      const data = await whole(pieces(), O * I)
      const { up, down } = await leading({ rows: O, columns: I, data }, r, multiply)
      const main = await multiply(widened(up, O), widened(down, r))
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) - (main.data[i] as number)
      const rest = await packing.pack({
        shape,
        pieces: async function* () {
          yield await Promise.resolve(data)
        },
      })
      const bytesOf = (half: Float16Array<ArrayBuffer>): Uint8Array => new Uint8Array(half.buffer)
      return {
        ...rest,
        up: { dtype: 'float16', shape: [O, r], bytes: bytesOf(up) },
        down: { dtype: 'float16', shape: [r, I], bytes: bytesOf(down) },
      }
    },

    frozen({ up, down, ...parts }, shape) {
      const rest = packing.frozen(parts, shape)
      const half = { up: up as Value, down: down as Value }
      /** U·V in a shape of as many numbers, made when `late` is known. */
      const main = (wanted: readonly number[], late: Value): Value => {
        return reshape(matMul(add(cast(half.up, 'float32'), lateConstantZero(late)), cast(half.down, 'float32')), wanted)
      }
      const made = (wanted: readonly number[], x: Value): Value => add(rest.value(wanted, x), main(wanted, x))
      return {
        shape,
        // Twice r wide, in place of a weight that is O wide.
        product: (x) =>
          add(
            rest.product(x),
            matMul(matMul(x, transpose(cast(half.down, 'float32'), [1, 0])), transpose(cast(half.up, 'float32'), [1, 0])),
          ),
        value(wanted, x) {
          const value = made(wanted, x)
          value.remade = (late) => made(wanted, late)
          return value
        },
      }
    },
  }
}

function sides([O = 0, ...inputs]: readonly number[], rank: number): { readonly O: number; readonly I: number; readonly r: number } {
  const I = elementCount(inputs)
  return { O, I, r: Math.min(rank, O, I) }
}

async function whole(pieces: AsyncIterable<Float32Array>, count: number): Promise<Float32Array> {
  const data = new Float32Array(count)
  let at = 0
  for await (const piece of pieces) {
    data.set(piece, at)
    at += piece.length
  }
  return data
}

/** The r largest directions: u·s and vᵀ, rounded. */
async function leading(weight: Matrix, r: number, multiply: Multiply) {
  const { u, s, v } = await truncatedSvd(weight, { rank: r }, { multiply })
  const up = new Float16Array(weight.rows * r)
  const down = new Float16Array(r * weight.columns)
  for (let k = 0; k < s.length; k++) {
    // Half of a singular value on either side, so that both stay well inside fp16's range.
    const root = Math.sqrt(s[k] as number)
    for (let i = 0; i < weight.rows; i++) up[i * r + k] = (u.data[i * u.columns + k] as number) * root
    for (let j = 0; j < weight.columns; j++) down[k * weight.columns + j] = (v.data[j * v.columns + k] as number) * root
  }
  return { up, down }
}

const widened = (half: Float16Array, rows: number): Matrix => ({ rows, columns: half.length / rows, data: Float32Array.from(half) })
