// Meng et al. 2024, "PiSSA" (arXiv 2404.02948): the pair begins as the R largest singular values of W with their vectors, A = √(S/s)·Vᵀ and B = U·√(S/s), and
// what is left of W, W − s·B·A, stays frozen. s = alpha / R. Reference: peft tuners/lora/layer.py (pissa_init).
import { kaiming } from './draws.ts'
import { leadingFactors, svdOptions } from './leading-factors.ts'
import { filledUp, type PairStart } from './start.ts'
import type { Matrix } from '../../linear-algebra/matrix.ts'

export const pissa: PairStart<typeof svdOptions> = {
  name: 'pissa',
  title: 'PiSSA',
  sentence:
    'Begins with the strongest part of each weight, which is learnt further: quicker to a likeness, and the file has twice the rank.',
  options: svdOptions,
  taken: true,
  async pair(at, options) {
    const { u, s, vt } = await leadingFactors(at.base, at.rank, options)
    const root = s.map((value) => Math.sqrt(value / at.scale))
    const down: Matrix = { ...vt, data: vt.data.map((x, i) => x * (root[Math.floor(i / vt.columns)] ?? 0)) }
    const up: Matrix = { ...u, data: u.data.map((x, i) => x * (root[i % u.columns] ?? 0)) }
    return filledUp(down, up, kaiming(at), at.rank)
  },
}
