// How a training run is watched: pictures that it does not see, measured as it goes, and what follows from that. Nothing here but which pictures are left
// out changes what is learnt.
import { z } from 'zod'
import type {} from './option.ts'

export const validationFields = {
  heldOutCount: z.int().min(1).max(10_000).optional().meta({
    description: 'so many pictures are left out of training, spread over the set, to measure on them; in place of a share (--held-out)',
    placeholder: 'N',
    fallback: 'the share that is held out',
    group: 'validation',
    unit: 'pictures',
    step: 1,
  }),
  heldOutFolder: z.string().min(1).optional().meta({
    description: 'folder of pictures with captions that are measured and not trained on, in place of some of the set',
    placeholder: 'DIR',
    path: 'folder',
    group: 'validation',
  }),
  /** sd-scripts `validate_every_n_steps`. */
  validateEvery: z.int().min(0).max(1_000_000).optional().meta({
    description:
      'measure the loss on held-out pictures, and on as many of those that are trained on, every N steps and at the end (0: only then), at fixed noise',
    placeholder: 'N',
    fallback: 'never',
    group: 'validation',
    unit: 'steps',
    step: 10,
  }),
  patience: z.int().min(1).max(1000).optional().meta({
    description: 'stop once so many measurements in a row on held-out pictures were no better than the best before them',
    placeholder: 'N',
    fallback: 'all steps are made',
    group: 'validation',
    step: 1,
  }),
  minDelta: z.number().min(0).max(0.5).default(0).meta({
    description: 'share of the best loss by which another must be lower to count as better (see --patience)',
    placeholder: 'SHARE',
    group: 'validation',
    unit: 'share',
    step: 0.001,
  }),
  keep: z.enum(['last', 'best']).default('last').meta({
    description: 'which weights the adapter is written with: the last, or those that held-out pictures recommend',
    group: 'validation',
  }),
  diagnosticsEvery: z.int().min(0).max(1_000_000).optional().meta({
    description:
      'tell norms of the gradient and sizes of the updates by block, use of the ranks, layers that do not learn, and the loss by picture, every N steps and at the end',
    placeholder: 'N',
    fallback: 'never',
    group: 'validation',
    unit: 'steps',
    step: 10,
  }),
}

/** What watches and changes no weight: a run may go on with others of these. */
export const watchingFields = ['heldOutFolder', 'validateEvery', 'patience', 'minDelta', 'keep', 'diagnosticsEvery'] as const
