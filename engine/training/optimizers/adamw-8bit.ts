// AdamW whose moments lie in 8 bits (Dettmers et al. 2022, arXiv 2110.02861). Reference: bitsandbytes AdamW8bit, backends/cpu/ops.py; but codes are the
// nearest ones, as its other kernels have them. The one for the CPU looks them up in steps of 1/32,768, where nothing, not even zero, is nearer to zero.
import type { z } from 'zod'
import { dynamicMap, unsignedDynamicMap } from '../../weights/nf4/dynamic-map.ts'
import { adamwOptions, adamwRule } from './adamw.ts'
import { BlockCodes } from './block-codes.ts'
import type { Layout, Optimizer } from './optimizer.ts'
import { min8bitSize, packedBytes, packedRule, tensorSpans } from './packed-rule.ts'
import { inMemory, type Span, type SpanRule } from './spans.ts'

export const adamw8bitOptions = adamwOptions.extend({ min8bitSize })
type Options = z.output<typeof adamw8bitOptions>

const { fround, sqrt } = Math
let maps: { readonly m: BlockCodes; readonly v: BlockCodes } | undefined

/** Every operation is rounded to fp32, as torch's are: a code hangs on the last bit. */
function packed({ beta1, beta2, eps, weightDecay }: Options): SpanRule {
  maps ??= { m: new BlockCodes(dynamicMap()), v: new BlockCodes(unsignedDynamicMap()) }
  const [b1, b2, a1, a2, e] = [fround(beta1), fround(beta2), fround(1 - beta1), fround(1 - beta2), fround(eps)]
  return packedRule(maps, (theta, gradient, { m, v }, count, { lr, step }) => {
    const keep = fround(1 - lr * weightDecay)
    const rate = fround(-lr / (1 - beta1 ** step))
    const correction = fround(sqrt(1 - beta2 ** step))
    for (let i = 0; i < count; i++) {
      const g = gradient[i] ?? 0
      // As on a card: such a number moves nothing, and would spoil the scale of its block.
      if (!Number.isFinite(g)) {
        m[i] = v[i] = 0
        continue
      }
      const mean = fround(fround((m[i] ?? 0) * b1) + a1 * g)
      const square = fround(fround((v[i] ?? 0) * b2) + fround(a2 * g) * g)
      m[i] = mean
      v[i] = square
      const root = fround(fround(fround(sqrt(square)) / correction) + e)
      theta[i] = fround(keep * (theta[i] ?? 0)) + fround(fround(rate * mean) / root)
    }
  })
}

export const adamw8bitSpans = (layout: Layout, options: Options): Span[] =>
  tensorSpans(layout, { packed: packed(options), plain: adamwRule(options), smallest: options.min8bitSize })

export const adamw8bitBytes = (shape: readonly number[], { min8bitSize }: Options): number => packedBytes(shape, min8bitSize, 2)

export const adamw8bit: Optimizer<typeof adamw8bitOptions> = {
  name: 'adamw-8bit',
  title: 'AdamW 8-bit',
  sentence:
    'AdamW whose means are kept in 8 bits: a quarter of its memory, and nearly the same steps. Choose it for large adapters, and for training all weights.',
  spares: { of: 'adamw', same: false },
  options: adamw8bitOptions,
  bytes: adamw8bitBytes,
  open: (_theta, layout, options) => inMemory(adamw8bitSpans(layout, options)),
}
