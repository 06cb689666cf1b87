// How numbers such as timesteps are told to a network: as sinusoids of falling frequencies. N numbers.
import type { Value } from '../graph/graph.ts'
import { concat, cos, mul, reshape, sin } from '../graph/math.ts'

/** [cos(t·f), sin(t·f)], (N) → (N, width). */
export function sinusoid(t: Value, width: number): Value {
  const half = width / 2
  const angles = mul(reshape(t, [-1, 1]), t.graph.constant('float32', [1, half], frequencies(half)))
  return concat([cos(angles), sin(angles)], -1)
}

/** f from 1 down to almost 1/10000, each operation rounded to fp32 as torch does: at t = 999 a last bit of f turns the angle by 1e-4. */
export function frequencies(half: number): Float32Array {
  const { exp, fround, log } = Math
  return Float32Array.from({ length: half }, (_, k) => exp(fround(fround(fround(-log(10000)) * k) / half)))
}
