// Each adapter without what lies in the subspaces of the others: ΔWᵢ′ = (1 − P)·ΔWᵢ·(1 − Q), P and Q onto the others' left and right singular vectors
// (Gram and Schmidt's projection, of subspaces).
import { z } from 'zod'
import { stackColumns, transpose, type Matrix } from '../../linear-algebra/matrix.ts'
import type { Svd } from '../../linear-algebra/svd.ts'
import { rankFor } from '../at-rank.ts'
import { sumOfFactors } from '../factors.ts'
import type { MergeMethod } from '../method.ts'
import { basisOf, factorsOf, firstOf, projectedOff, svdOf } from '../subspaces.ts'

const options = z.object({
  side: z
    .enum(['output', 'input', 'both'])
    .default('output')
    .meta({ description: 'whether what they write, what they read, or both is kept apart' }),
  order: z.enum(['mutual', 'first']).default('mutual').meta({
    description: 'mutual: each off all others; first: each off those before it, so that the first stays whole',
  }),
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .meta({ description: 'share of the energy of the others that counts, strongest directions first', step: 0.05 }),
})

export const orthogonal: MergeMethod<typeof options> = {
  name: 'orthogonal',
  title: 'Kept apart',
  sentence:
    'Takes out of each adapter what lies in the directions of the others, and adds up the rest: nothing meets, and what they share is lost.',
  source: 'Gram and Schmidt’s projection, of subspaces',
  kind: 'subspace',
  rank: 'sum',
  options,
  merge({ parts }, { side, order, share }) {
    const all = parts.map((part) => {
      const factors = factorsOf(part)
      const found = svdOf([[factors, 1]])
      const total = found.s.reduce((sum, value) => sum + value * value, 0)
      return { factors, weight: part.weight, strongest: firstOf(found, rankFor(found.s, total, { energy: share })) }
    })
    const kept = all.map(({ factors: { up, down }, weight }, i) => {
      const others = all.filter((_, k) => (order === 'first' ? k < i : k !== i)).map(({ strongest }) => strongest)
      if (others.length === 0) return [{ up, down }, weight] as const
      const off = (a: Matrix, of: (one: Svd) => Matrix): Matrix => projectedOff(a, basisOf(stackColumns(others.map(of))))
      const left = side === 'input' ? up : off(up, ({ u }) => u)
      const right = side === 'output' ? down : transpose(off(transpose(down), ({ v }) => v))
      return [{ up: left, down: right }, weight] as const
    })
    return sumOfFactors(kept)
  },
}
