// Lion whose momentum lies in 8 bits. Reference: bitsandbytes Lion8bit, backends/cpu/ops.py, with the nearest codes, as AdamW 8-bit has them.
import type { z } from 'zod'
import { dynamicMap } from '../../weights/nf4/dynamic-map.ts'
import { BlockCodes } from './block-codes.ts'
import { lionOptions, lionRule } from './lion.ts'
import type { Optimizer } from './optimizer.ts'
import { min8bitSize, packedBytes, packedRule, tensorSpans } from './packed-rule.ts'
import { inMemory, type SpanRule } from './spans.ts'

const options = lionOptions.extend({ min8bitSize })

const { fround, sign } = Math
let maps: { readonly m: BlockCodes } | undefined

/** Every operation is rounded to fp32, as torch's are: a code hangs on the last bit. */
function packed({ beta1, beta2, weightDecay }: z.output<typeof options>): SpanRule {
  maps ??= { m: new BlockCodes(dynamicMap()) }
  const [b1, b2, a1, a2] = [fround(beta1), fround(beta2), fround(1 - beta1), fround(1 - beta2)]
  return packedRule(maps, (theta, gradient, { m }, count, { lr }) => {
    const keep = fround(1 - lr * weightDecay)
    const rate = fround(lr)
    for (let i = 0; i < count; i++) {
      const g = gradient[i] ?? 0
      const mean = m[i] ?? 0
      if (!Number.isFinite(g)) {
        m[i] = 0
        continue
      }
      theta[i] = fround(keep * (theta[i] ?? 0)) - rate * sign(fround(fround(mean * b1) + fround(g * a1)))
      m[i] = fround(fround(mean * b2) + a2 * g)
    }
  })
}

export const lion8bit: Optimizer<typeof options> = {
  name: 'lion-8bit',
  title: 'Lion 8-bit',
  sentence:
    'Lion whose momentum is kept in 8 bits: one byte a number, the least of all that adapt. Choose a rate three to ten times lower than that of AdamW.',
  spares: { of: 'lion', same: false },
  options,
  bytes: (shape, { min8bitSize }) => packedBytes(shape, min8bitSize, 1),
  open: (_theta, layout, chosen) =>
    inMemory(tensorSpans(layout, { packed: packed(chosen), plain: lionRule(chosen), smallest: chosen.min8bitSize })),
}
