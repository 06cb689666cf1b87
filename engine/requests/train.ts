// What a training run is asked for and what it reports. Plain data; defaults and bounds live here and nowhere else.
import { z } from 'zod'
import { PigmentError } from './error.ts'
import { courseNames, lossWeightNames, optimizerNames } from './training-names.ts'

export const trainRequest = z.object({
  /** Folder of pictures and `.txt` sidecars. */
  dataset: z.string().min(1),
  rank: z.int().min(1).max(1024).default(16),
  /** Scale of the update is alpha / rank. */
  alpha: z.number().positive().default(16),
  /** The rank is shared out among so many members, trained apart from seeds of their own and averaged; a step takes as many times as long where they are not trained side by side (`laneShape`). */
  members: z.int().min(1).max(8).default(1),
  /** Modules that are adapted: the attention projections; all of the transformer blocks; their convolutions and time projections too. */
  layers: z.enum(['attention', 'transformer', 'all']).default('attention'),
  steps: z.int().min(1).max(1_000_000).default(1000),
  batch: z.int().min(1).max(256).default(1),
  /** Micro-batches whose gradients are averaged into one step. */
  accumulation: z.int().min(1).max(256).default(1),
  optimizer: z.enum(optimizerNames).default('adamw'),
  lr: z.number().positive().default(1e-4),
  /** LoRA+ (Hayou et al. 2024): B learns so many times as fast as A. Unset: both alike. */
  loraPlus: z.number().min(1).max(100).optional(),
  /** The adapter is the exponential moving average of the weights, with at most this decay; it evens out the noise of single steps. Unset: the last weights. */
  ema: z.number().min(0).max(0.99999).optional(),
  course: z.enum(courseNames).default('cosine'),
  warmup: z.int().min(0).default(0),
  weightDecay: z.number().min(0).default(0.01),
  maxGradNorm: z.number().positive().default(1),
  seed: z.int().min(0).default(0),
  /** Side of a square of the buckets' area, in pixels; default: the model's own. */
  resolution: z.int().min(32).max(4096).optional(),
  flip: z.boolean().default(false),
  captionDropout: z.number().min(0).max(1).default(0.05),
  captionPolicy: z.enum(['error', 'folder-name', 'empty']).default('error'),
  /** What becomes of a run whose data set holds pictures that cannot be used. */
  badPictures: z.enum(['leave-out', 'refuse']).default('leave-out'),
  /** Word that calls the style; goes into the metadata and before each caption that lacks it. */
  trigger: z.string().optional(),
  /** How much each sample counts, by how noisy it is. Unset: by the option that is given, such as `minSnrGamma`; else all the same. */
  lossWeight: z.enum(lossWeightNames).optional(),
  minSnrGamma: z.number().positive().optional(),
  recompute: z.boolean().default(false),
  /** Steps between checkpoints; 0 writes only at the end of the run or on cancel. */
  checkpointEvery: z.int().min(0).default(100),
  title: z.string().optional(),
})
export type TrainRequest = z.infer<typeof trainRequest>

/** The rank of each member. Throws `members-rank`. */
export function memberRank({ rank, members }: Pick<TrainRequest, 'rank' | 'members'>): number {
  if (rank % members === 0) return rank / members
  throw new PigmentError(
    'members-rank',
    `A rank of ${rank} cannot be shared out among ${members} members. Choose a multiple of ${members}, such as ${Math.ceil(rank / members) * members}.`,
    { rank, members },
  )
}

/** Up to here a session leaves cores idle between its small operators, and another copy of the weights costs little memory. */
const smallNetwork = 64e6

/**
 * How many sessions compute members side by side, and the threads of each: decided by what decides the bits of the result anyway. On the CPU the
 * members of a small network (`parameters`, of the frozen one) get a lane each while there are threads.
 */
export function laneShape({ members, parameters, provider, threads }: LaneFacts): { count: number; threads: number } {
  const count = provider === 'cpu' && parameters <= smallNetwork ? Math.min(members, threads) : 1
  return { count, threads: Math.max(1, Math.floor(threads / count)) }
}
interface LaneFacts {
  readonly members: number
  readonly parameters: number
  readonly provider: string
  readonly threads: number
}

export type TrainEvent =
  | {
      readonly type: 'prepare'
      readonly stage: 'dataset' | 'latents' | 'captions' | 'graph'
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | {
      readonly type: 'start'
      readonly step: number
      readonly steps: number
      readonly trainable: number
      readonly total: number
      readonly pictures: number
    }
  | {
      readonly type: 'step'
      readonly step: number
      readonly steps: number
      readonly loss: number
      readonly lr: number
      readonly gradNorm: number
      /** Steps a second over the last steps, seconds left, resident memory in bytes. */
      readonly rate: number
      readonly eta: number
      readonly memory: number
    }
  /** A checkpoint is about to be written, which may take a while. */
  | { readonly type: 'saving'; readonly step: number }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly type: 'done'; readonly step: number; readonly seconds: number }
