// What a training run makes small: how far answers are from their targets. Part of `trainRequest`; left out, a run is as it always was.
import { z } from 'zod'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'
import { lossNames } from './training-names.ts'

export const objectiveFields = {
  /** sd-scripts `loss_type`. */
  loss: z.enum(lossNames).optional().meta({
    description: 'how far an answer is from its target',
    placeholder: 'NAME',
    fallback: 'l2',
    group: 'course',
  }),
  lossOptions: ownOptions.optional().meta({ description: 'an option of the loss; can be given several times' }),
}
