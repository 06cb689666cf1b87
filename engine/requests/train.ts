// What a training run is asked for and what it reports. Plain data; an option with its bounds, default, words and place is described here and
// nowhere else.
import { z } from 'zod'
import { adapterFields } from './adapter-fields.ts'
import { trainedClipSkip } from './clip-skip.ts'
import { computePrecision } from './compute-precision.ts'
import { durationFields, mostSteps } from './duration-fields.ts'
import { maxNorm } from './max-norm.ts'
import { networkRates } from './network-rates.ts'
import { objectiveFields } from './objective-fields.ts'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'
import { captionDropout, captionFields, captionPolicy, flip, resolution, trigger } from './picture-fields.ts'
import { setFields } from './picture-sets.ts'
import {
  baseWeightsNames,
  courseNames,
  lossWeightNames,
  methodNames,
  optimizerNames,
  preservationNames,
  timestepDrawNames,
  variantNames,
} from './training-names.ts'
import { triggerFields } from './trigger-fields.ts'
import { validationFields } from './validation-fields.ts'

const twiceRank = { times: 2, of: 'rank' } as const
export const trainRequest = z.object({
  dataset: z.string().min(1).meta({
    description: 'folder of pictures, each with its caption in a .txt file of the same name; or kohya folders such as 10_name',
    placeholder: 'DIR',
  }),
  method: z.enum(methodNames).default('adapter').meta({
    description: 'how it is trained',
    placeholder: 'NAME',
    group: 'network',
    load: true,
  }),
  methodOptions: ownOptions.optional().meta({ description: 'an option of the method; can be given several times' }),
  variant: z.enum(variantNames).default('lora').meta({
    description: 'what kind of adapter is trained',
    placeholder: 'NAME',
    group: 'network',
    level: 'basic',
    load: true,
  }),
  variantOptions: ownOptions.optional().meta({ description: 'an option of the adapter variant; can be given several times' }),
  rank: z.int().min(1).max(1024).default(16).meta({
    description: 'rank of every adapted layer',
    placeholder: 'R',
    group: 'network',
    level: 'basic',
    step: 1,
  }),
  alpha: z.number().positive().default(16).meta({
    description: 'the adapter acts with alpha / rank: with factor 1 where both are equal; 2 × rank is the usual default of surveys',
    placeholder: 'A',
    group: 'network',
    level: 'basic',
    step: 1,
    offer: twiceRank,
  }),
  /** A step takes as many times as long where members are not trained side by side (`laneShape`). */
  members: z.int().min(1).max(8).default(1).meta({
    description:
      'share the rank out among N members that are trained apart, from different seeds, and averaged: steadier, and a longer step (N times as long on a graphics card or with a large model)',
    placeholder: 'N',
    group: 'network',
    step: 1,
    load: true,
  }),
  ...adapterFields,
  steps: z.int().min(1).max(mostSteps).default(1000).meta({
    description: 'optimizer steps',
    placeholder: 'N',
    group: 'course',
    level: 'basic',
    unit: 'steps',
    step: 50,
  }),
  ...durationFields,
  batch: z.int().min(1).max(256).default(1).meta({
    description: 'pictures a micro-batch',
    placeholder: 'B',
    group: 'course',
    level: 'basic',
    unit: 'pictures',
    step: 1,
    load: true,
  }),
  /** Micro-batches whose gradients are averaged into one step. */
  accumulation: z.int().min(1).max(256).default(1).meta({
    description: 'micro-batches a step',
    placeholder: 'N',
    group: 'course',
    unit: 'micro-batches',
    step: 1,
    load: true,
  }),
  optimizer: z.enum(optimizerNames).default('adamw').meta({
    description: 'how a step follows from its gradient',
    placeholder: 'NAME',
    group: 'course',
  }),
  optimizerOptions: ownOptions.optional().meta({ description: 'an option of the optimizer; can be given several times' }),
  lr: z.number().positive().default(1e-4).meta({
    description: 'highest learning rate',
    placeholder: 'X',
    group: 'course',
    level: 'basic',
    logarithmic: true,
  }),
  ...networkRates,
  /** Hayou et al. 2024. */
  loraPlus: z.number().min(1).max(100).optional().meta({
    description: 'LoRA+: the second matrix (B) learns so many times as fast as the first; 4 to 16 are usual',
    placeholder: 'RATIO',
    fallback: 'both alike',
    group: 'course',
    step: 1,
  }),
  /** The adapter is the exponential moving average of the weights, with at most this decay; it evens out the noise of single steps. */
  ema: z.number().min(0).max(0.99999).optional().meta({
    description: 'averages the weights over the last steps: each step keeps this share of the average; 0.98 to 0.999 are usual',
    placeholder: 'DECAY',
    fallback: 'the last weights',
    group: 'course',
    step: 0.01,
  }),
  course: z.enum(courseNames).default('cosine').meta({ description: 'course of the learning rate', group: 'course', level: 'basic' }),
  courseOptions: ownOptions.optional().meta({ description: 'an option of the course; can be given several times' }),
  warmup: z.int().min(0).default(0).meta({
    description: 'steps in which the learning rate rises from 0',
    placeholder: 'N',
    group: 'course',
    unit: 'steps',
    step: 10,
  }),
  weightDecay: z.number().min(0).default(0.01).meta({
    description: 'weight decay of the optimizer',
    placeholder: 'X',
    group: 'course',
    step: 0.01,
  }),
  maxGradNorm: z.number().positive().default(1).meta({
    description: 'gradients longer than this are scaled down',
    placeholder: 'X',
    group: 'course',
    step: 0.1,
  }),
  maxNorm,
  seed: z.int().min(0).default(0).meta({
    description: 'the same seed and settings give the same adapter',
    placeholder: 'S',
    group: 'machine',
  }),
  resolution,
  flip,
  ...setFields,
  heldOut: z.number().min(0).max(0.5).default(0).meta({
    description: 'share of pictures that are left out of training, spread over the set, to measure on them afterwards',
    placeholder: 'SHARE',
  }),
  ...validationFields,
  captionDropout,
  captionPolicy,
  ...captionFields,
  badPictures: z.enum(['leave-out', 'refuse']).default('leave-out').meta({
    description: 'pictures that cannot be read or have no caption: stop the run before it starts, or are left out with a warning each',
    group: 'pictures',
  }),
  clipSkip: trainedClipSkip,
  trigger,
  ...triggerFields,
  ...objectiveFields,
  lossWeight: z.enum(lossWeightNames).optional().meta({
    description: 'how much a sample counts by how noisy it is',
    placeholder: 'NAME',
    fallback: 'min-snr where its γ is given, else constant',
    group: 'objective',
  }),
  lossWeightOptions: ownOptions.optional().meta({ description: 'an option of the loss weight; can be given several times' }),
  minSnrGamma: z.number().positive().optional().meta({
    description: 'weigh the loss by min-SNR with this γ',
    placeholder: 'G',
    group: 'objective',
    step: 0.5,
  }),
  timestepDraw: z.enum(timestepDrawNames).default('uniform').meta({
    description: 'which noise levels are seen most',
    placeholder: 'NAME',
    group: 'noise',
  }),
  timestepDrawOptions: ownOptions.optional().meta({ description: 'an option of the timestep draw; can be given several times' }),
  preservation: z.enum(preservationNames).optional().meta({
    description: 'what keeps the model from unlearning what it could do before',
    placeholder: 'NAME',
    fallback: 'nothing; pictures where a folder of the class is given',
    group: 'objective',
    load: true,
  }),
  preservationOptions: ownOptions.optional().meta({ description: 'an option of the preservation; can be given several times' }),
  classPictures: z.string().min(1).optional().meta({
    description: 'folder of pictures of the class, without what is learnt; seen among the others',
    placeholder: 'DIR',
    path: 'folder',
    group: 'objective',
  }),
  recompute: z.boolean().default(false).meta({
    description: 'use less memory for more time (gradient checkpointing)',
    group: 'machine',
    load: true,
  }),
  computePrecision: computePrecision.meta({
    description:
      'numbers that a step is computed in: fp16 takes half the memory and is the fastest on a graphics card; auto takes it there where the model is stored in 16 bits',
    placeholder: 'NAME',
    group: 'machine',
    load: true,
  }),
  baseWeights: z.enum(baseWeightsNames).optional().meta({
    description: "how the model's own weights are kept in memory",
    placeholder: 'NAME',
    fallback: 'stored, as its file has them',
    group: 'machine',
    load: true,
  }),
  baseWeightsOptions: ownOptions.optional().meta({ description: 'an option of how base weights are kept; several times', load: true }),
  checkpointEvery: z.int().min(0).default(100).meta({
    description: 'steps between checkpoints; 0 writes one only when cancelled',
    placeholder: 'N',
    group: 'machine',
  }),
  title: z.string().optional().meta({
    description: 'title in the metadata',
    placeholder: 'TEXT',
    fallback: 'the name of the file',
  }),
})
export type TrainRequest = z.infer<typeof trainRequest>
