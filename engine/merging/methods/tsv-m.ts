// Gargiulo et al. 2024, "Task Singular Vectors" (arXiv 2412.00081; AntoAndGar/task_singular_vectors, TSVM_utils.py): each adapter's singular vectors are
// turned as little as needed to be orthogonal to those of the others.
import { z } from 'zod'
import { stackColumns, timesColumns, transpose } from '../../linear-algebra/matrix.ts'
import type { MergeMethod } from '../method.ts'
import { factorsOf, firstOf, orthogonalised, svdOf } from '../subspaces.ts'

const options = z.object({
  // The paper keeps 1/n of a whole weight's; those of a thin adapter are few already.
  keep: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .meta({ description: 'share of each adapter’s singular vectors that is used, strongest first', step: 0.05 }),
})

export const tsvM: MergeMethod<typeof options> = {
  name: 'tsv-m',
  title: 'TSV-M',
  sentence: 'Turns the directions of the adapters apart until none leans on another’s, and keeps the strength of each.',
  source: 'Gargiulo et al. 2024, arXiv 2412.00081; AntoAndGar/task_singular_vectors',
  kind: 'subspace',
  rank: 'sum',
  options,
  merge({ parts }, { keep }) {
    const kept = parts.map((part) => {
      const found = svdOf([[factorsOf(part), 1]])
      const { u, s, v } = firstOf(found, Math.max(1, Math.floor(found.s.length * keep + 1e-9)))
      return { u, v, s: s.map((value) => value * part.weight) }
    })
    const u = orthogonalised(stackColumns(kept.map((one) => one.u)))
    const v = orthogonalised(stackColumns(kept.map((one) => one.v)))
    const s = kept.flatMap((one) => [...one.s])
    return { up: timesColumns(u, s), down: transpose(v) }
  },
}
