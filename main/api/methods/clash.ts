// What adapters of the library do to each other.
import { z } from 'zod'
import { blockWeights } from '../../../engine/requests/block-weights.ts'
import { id, task } from '../shapes.ts'

const clashSource = z.strictObject({
  adapter: id,
  weight: z.number().min(-100).max(100).default(1),
  /** In the text encoders, where it is another. */
  textWeight: z.number().min(-100).max(100).optional(),
  /** Factors of both, by block. */
  blocks: blockWeights.optional(),
})

/** `task` names it for progress and for `app.stop`. */
export const clashForm = z.strictObject({
  sources: z.array(clashSource).min(2).max(16),
  /** Needed where an adapter depends on the base's weights. */
  model: id.optional(),
  task,
})
