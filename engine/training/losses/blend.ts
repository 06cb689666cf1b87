// Several distances at once, each times its strength. Reference: OneTrainer ModelSetupDiffusionLossMixin, whose Huber loss is torch's, of two pieces.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { abs, add, clip, exp, log, mul, neg, sub } from '../../graph/math.ts'
import type { Value } from '../../graph/graph.ts'
import type { Loss } from './loss.ts'

const strength = (description: string, usual: number) => z.number().min(0).max(100).default(usual).meta({ description, step: 0.1 })
const options = z.object({
  mse: strength('strength of the squares', 1),
  mae: strength('strength of the magnitudes', 0),
  logCosh: strength('strength of log cosh d: squares that pass into magnitudes at 1', 0),
  huberStrength: strength('strength of Huber: half the squares up to its delta, magnitudes beyond', 0),
  huberDelta: z.number().min(1e-4).max(100).default(1).meta({ description: 'where Huber passes from squares to magnitudes', step: 0.1 }),
})

/** |d| + log(1 + e^(−2|d|)) − log 2: cosh itself would overflow. */
function logCosh(d: Value): Value {
  const size = abs(d)
  return sub(add(size, log(add(exp(mul(neg(size), 2)), 1))), Math.LN2)
}

/** With m = min(|d|, δ): m·(|d| − m/2), which is d²/2 up to δ and δ·(|d| − δ/2) beyond. */
function huber(d: Value, delta: number): Value {
  const size = abs(d)
  const m = clip(size, 0, delta)
  return mul(m, sub(size, mul(m, 0.5)))
}

export const blend: Loss<typeof options> = {
  name: 'blend',
  title: 'Blend',
  sentence: 'Squares, magnitudes, log-cosh and Huber added up by their strengths: for settings that come from OneTrainer.',
  options,
  fits({ mse, mae, logCosh, huberStrength }) {
    if (mse + mae + logCosh + huberStrength > 0) return
    throw new PigmentError(
      'loss-blend-empty',
      'The loss "blend" has no part of any strength, so nothing would be learnt. Give one of mse, mae, logCosh and huberStrength a strength above 0.',
      {},
    )
  },
  of(d, { mse, mae, logCosh: ofLogCosh, huberStrength, huberDelta }) {
    const parts: readonly (readonly [strength: number, part: () => Value])[] = [
      [mse, () => mul(d, d)],
      [mae, () => abs(d)],
      [ofLogCosh, () => logCosh(d)],
      [huberStrength, () => huber(d, huberDelta)],
    ]
    return parts
      .filter(([strength]) => strength > 0)
      .map(([strength, part]) => mul(part(), strength))
      .reduce(add)
  },
  metadata: ({ mse, mae, logCosh, huberStrength, huberDelta }) => ({
    'pigment.loss': JSON.stringify({ loss: 'blend', mse, mae, logCosh, huberStrength, huberDelta }),
  }),
}
