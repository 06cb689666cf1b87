// What a training run makes small: how far answers are from their targets. Part of `trainRequest`; left out, a run is as it always was.
import { z } from 'zod'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'
import { lossNames, maskedLossNames, objectiveNames } from './training-names.ts'

export const zeroTerminalSnr = z.boolean().optional().meta({
  description:
    'zero terminal SNR: the schedule ends in noise alone, for very dark and very bright pictures; of a model that predicts v, and drawn with the same flag',
  fallback: 'the schedule of the model',
  group: 'objective',
})

export const objectiveFields = {
  /** OneTrainer `force_v_prediction`, sd-scripts `v_parameterization`. */
  prediction: z.enum(['epsilon', 'v_prediction']).optional().meta({
    description: 'what the model predicts, or is to learn to predict',
    placeholder: 'NAME',
    fallback: 'what the model says of itself',
    group: 'objective',
  }),
  zeroTerminalSnr,
  objective: z.enum(objectiveNames).optional().meta({
    description: 'in which terms a miss is measured, whatever the model predicts',
    placeholder: 'NAME',
    fallback: 'those of what the model predicts',
    group: 'objective',
  }),
  objectiveOptions: ownOptions.optional().meta({ description: 'an option of the objective; can be given several times' }),
  /** sd-scripts `loss_type`. */
  loss: z.enum(lossNames).optional().meta({
    description: 'how far an answer is from its target',
    placeholder: 'NAME',
    fallback: 'l2',
    group: 'objective',
  }),
  lossOptions: ownOptions.optional().meta({ description: 'an option of the loss; can be given several times' }),
  /** sd-scripts has the names of the following. */
  noiseOffset: z.number().min(0).max(1).optional().meta({
    description:
      'shifts each channel of the noise as a whole, so that very dark and very bright pictures can be learnt; 0.02 to 0.1 are usual',
    placeholder: 'X',
    fallback: 'none',
    group: 'noise',
    step: 0.01,
  }),
  noiseOffsetRandomStrength: z.boolean().optional().meta({
    description: 'the noise offset is drawn anew for every micro-batch, between 0 and what is given',
    fallback: 'as strong everywhere',
    group: 'noise',
  }),
  adaptiveNoiseScale: z.number().min(-10).max(10).optional().meta({
    description: 'adds so much of the mean of a latent to its noise offset: more for pictures that are dark or bright as a whole',
    placeholder: 'X',
    fallback: 'none',
    group: 'noise',
    step: 0.01,
  }),
  multiresNoiseIterations: z.int().min(0).max(20).optional().meta({
    description: 'pyramid noise: so many coarser grids of noise on top, so that large areas are learnt as such; 6 to 10 are usual',
    placeholder: 'N',
    fallback: 'none',
    group: 'noise',
    step: 1,
  }),
  multiresNoiseDiscount: z.number().min(0).max(1).optional().meta({
    description: 'how much each grid of the pyramid noise counts beside the one before',
    placeholder: 'X',
    fallback: 0.3,
    group: 'noise',
    step: 0.1,
  }),
  ipNoiseGamma: z.number().min(0).max(1).optional().meta({
    description: 'input perturbation: the network sees so much more noise than it is asked for; 0.1 is usual',
    placeholder: 'G',
    fallback: 'none',
    group: 'noise',
    step: 0.05,
  }),
  ipNoiseGammaRandomStrength: z.boolean().optional().meta({
    description: 'the input perturbation is drawn anew for every micro-batch, between 0 and what is given',
    fallback: 'as strong everywhere',
    group: 'noise',
  }),
  minTimestep: z.int().min(0).max(999).optional().meta({
    description: 'the cleanest timestep that is trained on, from 0',
    placeholder: 'T',
    fallback: 0,
    group: 'noise',
    step: 50,
  }),
  maxTimestep: z.int().min(1).max(1000).optional().meta({
    description: 'the noisiest timesteps, from this one on, are left out',
    placeholder: 'T',
    fallback: 'all, 1000',
    group: 'noise',
    step: 50,
  }),
  maskedLoss: z.enum(maskedLossNames).optional().meta({
    description: 'masked loss: which part of each picture is learnt, by a mask of the same size; pictures without one are learnt whole',
    placeholder: 'NAME',
    fallback: 'all of every picture',
    group: 'pictures',
  }),
  maskedLossOptions: ownOptions.optional().meta({ description: 'an option of the masks; can be given several times' }),
  /** sd-scripts `conditioning_data_dir`. */
  maskFolder: z.string().min(1).optional().meta({
    description: 'folder of masks that are called as their pictures',
    placeholder: 'DIR',
    path: 'folder',
    group: 'pictures',
  }),
  /** OneTrainer has the names of the following. */
  unmaskedWeight: z.number().min(0).max(1).optional().meta({
    description: 'what the part outside of the mask counts still',
    placeholder: 'X',
    fallback: 0,
    group: 'pictures',
    unit: 'share',
    step: 0.05,
  }),
  unmaskedProbability: z.number().min(0).max(1).optional().meta({
    description: 'share of the times at which a picture is seen without its mask',
    placeholder: 'P',
    fallback: 0,
    group: 'pictures',
    unit: 'share',
    step: 0.05,
  }),
  normalizeMaskedArea: z.boolean().optional().meta({
    description: 'a picture counts as much as without its mask, however small the part is',
    fallback: 'the smaller the part, the less its picture counts',
    group: 'pictures',
  }),
}
