// Büyükakyüz 2024, "OLoRA" (arXiv 2406.01775): W = Q·R, the pair begins as the first columns of Q and the first rows of R, and what is left of W,
// W − s·B·A, stays frozen. s = alpha / rank. Reference: peft tuners/lora/layer.py (olora_init).
import { z } from 'zod'
import { product } from '../../linear-algebra/product.ts'
import { thinQr } from '../../linear-algebra/thin-qr.ts'
import { firstColumns, transpose } from '../../linear-algebra/matrix.ts'
import { kaiming } from './draws.ts'
import { filledUp, weightOf, type PairStart } from './start.ts'

export const olora: PairStart = {
  name: 'olora',
  title: 'OLoRA',
  sentence:
    'Begins with the first directions of a QR decomposition of each weight: as PiSSA, and quicker to begin. The file has twice the rank.',
  options: z.object({}),
  taken: true,
  async pair(at) {
    const { w } = await weightOf(at.base)
    // The first columns of Q are those of the first columns of W, and R = Qᵀ·W.
    const { q } = thinQr(firstColumns(w, Math.min(at.rank, w.rows)))
    return filledUp(product(transpose(q), w), q, kaiming(at), at.rank)
  },
}
