// Which networks a training run trains, and how fast each of them learns.
import { z } from 'zod'
import type {} from './option.ts'

export const networkRates = {
  /** sd-scripts `unet_lr`. */
  unetRate: z.number().min(0).optional().meta({
    description: 'learning rate of the UNet, where it is not that of the run; 0 leaves it as it is and trains text encoders alone',
    placeholder: 'X',
    fallback: 'the learning rate',
    group: 'course',
    logarithmic: true,
    load: true,
  }),
  /** sd-scripts `text_encoder_lr`. */
  textRate: z.number().min(0).optional().meta({
    description: 'trains the text encoders too, with this learning rate: usually a third to a tenth of the UNet; styles rarely need it',
    placeholder: 'X',
    fallback: '0, they stay as they are',
    group: 'course',
    logarithmic: true,
    load: true,
  }),
  textRate2: z.number().min(0).optional().meta({
    description: 'learning rate of the second text encoder, where the model has one; 0 leaves it as it is',
    placeholder: 'X',
    fallback: 'that of the first',
    group: 'course',
    logarithmic: true,
    load: true,
  }),
  /** sd-scripts `stop_text_encoder_training`. */
  textSteps: z.int().min(1).optional().meta({
    description: 'steps in which the text encoders learn; afterwards they stay as they are then',
    placeholder: 'N',
    fallback: 'all',
    group: 'course',
    unit: 'steps',
    step: 50,
  }),
}
