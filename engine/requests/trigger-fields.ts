// Textual inversion (Gal et al. 2022, arXiv 2208.01618): vectors of one's own that stand where the trigger word does, learnt alone or beside an adapter.
import { z } from 'zod'
import type {} from './option.ts'

/** Of the vectors that a trigger word stands for; without `triggerVectors` the word is made of tokens that the model has. */
export const triggerFields = {
  /** diffusers `num_vectors`, OneTrainer `token_count`. */
  triggerVectors: z.int().min(1).max(32).optional().meta({
    description:
      'learns so many vectors for the trigger word (textual inversion), beside the adapter, or alone with --unet-rate 0; 1 to 8 are usual',
    placeholder: 'N',
    fallback: 'none, the word is made of tokens that the model knows',
    group: 'trigger',
    step: 1,
    load: true,
  }),
  /** diffusers `initializer_token`, sd-scripts `init_word`, OneTrainer `initial_embedding_text`. */
  triggerStart: z.string().min(1).max(200).optional().meta({
    description:
      'words whose vectors the trigger word begins as: what it is one of, such as "ink drawing"; they are repeated where they are fewer',
    placeholder: 'TEXT',
    fallback: 'style',
    group: 'trigger',
  }),
  triggerRandom: z.boolean().optional().meta({
    description: 'the vectors of the trigger word begin at random, as large as those of the vocabulary, in place of words',
    fallback: 'they begin as words',
    group: 'trigger',
  }),
  /** OneTrainer `embedding_learning_rate`; 5e-3 is that of diffusers' examples. */
  triggerRate: z.number().positive().optional().meta({
    description: 'learning rate of the vectors of the trigger word',
    placeholder: 'X',
    fallback: '0.005',
    group: 'trigger',
    logarithmic: true,
  }),
  /** diffusers `train_text_encoder_ti_frac`, OneTrainer `stop_training_after` of an embedding. */
  triggerSteps: z.int().min(1).optional().meta({
    description:
      'steps in which the vectors of the trigger word learn; afterwards the adapter goes on with them as they are (pivotal tuning)',
    placeholder: 'N',
    fallback: 'all',
    group: 'trigger',
    unit: 'steps',
    step: 50,
  }),
  /** OneTrainer `preserve_embedding_norm`. */
  triggerNorm: z.boolean().optional().meta({
    description:
      'after each step the vectors of the trigger word are made as long as the middle one of the vocabulary: they stay words among words',
    fallback: 'they grow as they learn',
    group: 'trigger',
  }),
}
