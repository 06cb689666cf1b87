// torch.randn on an NVIDIA card, as A1111 computes it elsewhere (A1111 modules/rng_philox.py): a block of Philox for every number, of which the first
// of two normals counts. On a card itself pictures of more numbers than it has threads at once come out otherwise.
import { philox4x32 } from '../tensor/philox.ts'

const ulp = 2.3283064365386963e-10
/** As float32 has 2π. */
const turn = Math.fround(ulp * 6.2831855)

/** Numbers of a generator of this seed, draw for draw. */
export function torchCuda(seed: number): (count: number) => Float32Array {
  const key = [Number(BigInt.asUintN(32, BigInt(seed))), Number(BigInt.asUintN(32, BigInt(seed) >> 32n))] as const
  let draw = 0
  return (count) => {
    const out = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const [x, y] = philox4x32(key, [draw, 0, i, 0])
      out[i] = Math.sqrt(-2 * Math.log(x * ulp + ulp / 2)) * Math.sin(y * turn + turn / 2)
    }
    draw++
    return out
  }
}
