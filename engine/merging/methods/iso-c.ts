// Marczak et al. 2025, "No Task Left Behind" (arXiv 2502.04959; danielm1405/iso-merging, iso.py): all directions of the sum become equally strong. The mean is
// over those that are there; a whole weight's, as in the paper, are all.
import { z } from 'zod'
import { timesColumns, transpose } from '../../linear-algebra/matrix.ts'
import type { MergeMethod } from '../method.ts'
import { factorsOf, firstOf, svdOf } from '../subspaces.ts'

const options = z.object({
  directions: z.int().min(0).max(4096).default(0).meta({ description: 'how many of the strongest are used; 0: all', step: 1 }),
})

export const isoC: MergeMethod<typeof options> = {
  name: 'iso-c',
  title: 'Iso-C',
  sentence: 'Makes all directions of the weighted sum equally strong, so that the loudest adapter does not drown the others.',
  source: 'Marczak et al. 2025, arXiv 2502.04959; danielm1405/iso-merging',
  kind: 'subspace',
  // Which of equal directions a lower rank would keep, nobody could say.
  rank: 'kept',
  options,
  merge({ parts }, { directions }) {
    const found = svdOf(parts.map((part) => [factorsOf(part), part.weight]))
    const { u, s, v } = directions > 0 ? firstOf(found, Math.min(directions, found.s.length)) : found
    const mean = s.reduce((sum, value) => sum + value, 0) / Math.max(s.length, 1)
    return { up: timesColumns(u, Math.sqrt(mean)), down: transpose(timesColumns(v, Math.sqrt(mean))) }
  },
}
