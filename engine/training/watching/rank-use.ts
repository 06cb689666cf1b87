// How much of its rank an adapter uses: singular values of ΔW = B·A that take part in it.
import type { Adapter } from '../../adapters/adapter.ts'
import { unetBlock, type UNetLayout } from '../../models/keys/ldm-unet.ts'
import type { WatchEvent } from '../../requests/watch-events.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** A of (R, …) and B of (O, R, …). */
interface Pair {
  readonly down: Tensor
  readonly up: Tensor
}

/**
 * The participation ratio (Σσ²)² / Σσ⁴ of the singular values of B·A, from 1 to the rank R; 0 where it is nothing. Neither is made nor decomposed: the σ²
 * are the eigenvalues of (BᵀB)·(AAᵀ), R × R, whose trace is Σσ² and the trace of whose square is Σσ⁴.
 */
export function participation({ down, up }: Pair): number {
  const [R = 0] = down.shape
  const inputs = down.data.length / Math.max(R, 1)
  const outputs = up.data.length / Math.max(R, 1)
  // (R, R)
  const A = gram(R, inputs, (r, i) => down.data[r * inputs + i] ?? 0)
  const B = gram(R, outputs, (r, o) => up.data[o * R + r] ?? 0)
  const M = new Float64Array(R * R)
  for (let i = 0; i < R; i++)
    for (let k = 0; k < R; k++) for (let j = 0; j < R; j++) M[i * R + j] = (M[i * R + j] ?? 0) + (B[i * R + k] ?? 0) * (A[k * R + j] ?? 0)
  let [trace, square] = [0, 0]
  for (let i = 0; i < R; i++) {
    trace += M[i * R + i] ?? 0
    for (let j = 0; j < R; j++) square += (M[i * R + j] ?? 0) * (M[j * R + i] ?? 0)
  }
  return square > 0 ? trace ** 2 / square : 0
}

function gram(R: number, length: number, at: (r: number, i: number) => number): Float64Array {
  const G = new Float64Array(R * R)
  for (let r = 0; r < R; r++)
    for (let q = r; q < R; q++) {
      let sum = 0
      for (let i = 0; i < length; i++) sum += at(r, i) * at(q, i)
      G[r * R + q] = G[q * R + r] = sum
    }
  return G
}

type RankUse = Omit<Extract<WatchEvent, { readonly type: 'rank-use' }>, 'type' | 'step'>

/** Of layers that have a pair, with or without magnitudes; nothing where there are none. */
export function rankUse({ modules }: Pick<Adapter, 'modules'>, layout: UNetLayout): RankUse | undefined {
  const layers = modules.flatMap(({ component, path, tensors: { down, up, mid } }) => {
    if (!down || !up || mid) return []
    const block = component === 'unet' ? (unetBlock(path, layout) ?? 'other') : 'BASE'
    return [{ layer: `${component}.${path}`, block, rank: down.shape[0] ?? 0, used: participation({ down, up }) }]
  })
  if (layers.length === 0) return undefined
  const mean = (of: (one: (typeof layers)[number]) => number): number => layers.reduce((sum, one) => sum + of(one), 0) / layers.length
  return { rank: mean(({ rank }) => rank), used: mean(({ used }) => used), layers }
}
