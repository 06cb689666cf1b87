// Both factors begin away from zero, and their product at it: A in the span of the odd rows of an orthogonal matrix, B in that of the even ones.
// Reference: peft LoraLayer.orthogonal_init (datta0.github.io/posts/rethink-lora-init), which has it for linear layers alone.
import { z } from 'zod'
import { timesTransposed, product } from '../../linear-algebra/product.ts'
import { thinQr } from '../../linear-algebra/thin-qr.ts'
import { transpose, type Matrix } from '../../linear-algebra/matrix.ts'
import { gaussianDraw } from './draws.ts'
import { sidesOf, type PairStart } from './start.ts'

export const orthogonal: PairStart = {
  name: 'orthogonal',
  title: 'Orthogonal',
  sentence: 'Both matrices begin away from zero with a product of zero, so that both learn from the first step: choose it for short runs.',
  options: z.object({}),
  refuses: (rank) => (rank % 2 === 0 ? undefined : 'is odd, and its two halves are orthogonal to each other: choose an even one'),
  pair(at) {
    const { rank } = at
    const [outputs, inputs] = sidesOf(at.weight)
    const half = rank / 2
    const { q } = thinQr({ rows: rank, columns: rank, data: gaussianDraw(at, 1, rank * rank, 1) })
    const rows = (from: number): Matrix => {
      const data = Float64Array.from(
        { length: half * rank },
        (_, i) => q.data[(2 * Math.floor(i / rank) + from) * rank + (i % rank)] as number,
      )
      return { rows: half, columns: rank, data }
    }
    const draw = (part: number, length: number): Matrix => ({
      rows: length,
      columns: half,
      data: gaussianDraw(at, part, length * half, 0.1),
    })
    // Aᵀ = X·Q_odd, B = Y·Q_even: B·A = Y·Q_even·Q_oddᵀ·Xᵀ = 0.
    const down = timesTransposed(transpose(rows(0)), draw(2, inputs))
    const up = product(draw(3, outputs), rows(1))
    return Promise.resolve({ down: Float32Array.from(down.data), up: Float32Array.from(up.data) })
  },
}
