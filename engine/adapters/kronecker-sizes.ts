// How LyCORIS and PEFT divide a layer's sides into the two factors of a LoKr, and when they keep a factor whole (lycoris/functional/general.py,
// peft/tuners/lokr/layer.py).
import type { AdapterModule } from './adapter.ts'
import { factorRank, factorShapes, factorsOf } from './kronecker-factors.ts'
import type { Unsaid } from './variants/variant.ts'

/** m ≤ n with m·n = size: m is `factor` where that divides, else the divisor nearest below it; −1 for the most even pair. */
export function divided(size: number, factor: number): readonly [m: number, n: number] {
  if (factor > 0 && size % factor === 0) return factor <= size / factor ? [factor, size / factor] : [size / factor, factor]
  const most = factor < 0 ? size : factor
  let [m, n] = [1, size]
  while (m < n) {
    let next = m + 1
    while (size % next !== 0) next++
    if (next + size / next > m + n || next > most) break
    ;[m, n] = [next, size / next]
  }
  return m <= n ? [m, n] : [n, m]
}

export interface Division {
  readonly first: readonly [a: number, c: number]
  readonly second: readonly [b: number, d: number]
}

/** The smaller of each two go to the first factor. */
export function division([outputs = 0, inputs = 0]: readonly number[], factor: number): Division {
  const [[a, b], [c, d]] = [divided(outputs, factor), divided(inputs, factor)]
  return { first: [a, c], second: [b, d] }
}

/** Whether a rank is too high for products to save anything. */
export const staysWhole = (rank: number, [x, y]: readonly [number, number]): boolean => rank >= Math.max(x, y) / 2

/** The fields with which PEFT builds just these modules, or why none do. */
export function peftDivision(modules: readonly AdapterModule[]): Readonly<Record<string, unknown>> | Unsaid {
  const shapes = modules.map((module) => ({ ...factorShapes(module), module }))
  const same = (x: readonly number[], y: readonly number[]): boolean => x.join() === y.join()
  const factor = [-1, ...new Set(shapes.flatMap(({ first }) => first))].find((one) =>
    shapes.every(({ first, second }) => {
      const made = division([first[0] * second[0], first[1] * second[1]], one)
      return same(made.first, first) && same(made.second, second)
    }),
  )
  if (factor === undefined) return { no: 'Its weights are divided into factors of other sizes than PEFT has.' }
  const [both, tucker] = [modules.some(({ tensors }) => tensors.w1a), modules.some(({ tensors }) => tensors.w2t)]
  const built = shapes.every(({ first, second, window, module }) => {
    const { w1, w2, w2t } = factorsOf(module)
    const rank = factorRank(module) ?? Math.max(...first, ...second)
    const middle = tucker && window > 1 && !w2
    return (
      (w1 !== undefined) === (!both || staysWhole(rank, first)) &&
      (w2 !== undefined) === staysWhole(rank, second) &&
      (w2t !== undefined) === middle
    )
  })
  if (!built) return { no: 'It keeps other factors whole than PEFT does at these ranks.' }
  return {
    decompose_both: both,
    decompose_factor: factor,
    init_weights: true,
    module_dropout: 0,
    rank_dropout: 0,
    rank_dropout_scale: false,
    use_effective_conv2d: tucker,
  }
}
