// Soboleva et al. 2025, "T-LoRA" (arXiv 2507.05964): the more noise, the fewer of the ranks act, so that few pictures are not learnt by heart. Only in
// training, as anima_lora has it: what comes out is an ordinary LoRA, and merges with it are exact. Reference: lycoris compute_timestep_mask.
import { z } from 'zod'
import { pairTrainables } from '../../adapters/variants/lora.ts'
import { mul, reshape } from '../../graph/math.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { PigmentError } from '../../requests/error.ts'
import { memberShape } from '../variant-of-request.ts'
import type { TrainingMethod } from './method.ts'
import { onlyPairs, openPairs } from './pairs.ts'

const options = z.object({
  rank: z.int().min(1).default(16),
  minRank: z.int().min(1).max(1024).default(1).meta({ description: 'ranks that act at the highest noise', step: 1 }),
  power: z.number().positive().max(10).default(1).meta({
    description: 'how soon ranks fall away as noise rises: the rank is ((T − t)/T) to this power',
    step: 0.1,
  }),
})

const fed = 't-lora.ranks'
/** Timesteps of every model that is trained here. */
const timesteps = 1000

/** r(t) = ⌊((T−t)/T)^power · (R − r_min)⌋ + r_min. */
export const rankAt = (t: number, { rank, minRank, power }: { rank: number; minRank: number; power: number }): number =>
  Math.min(rank, Math.floor(((timesteps - t) / timesteps) ** power * (rank - minRank)) + minRank)

export const tLora: TrainingMethod<typeof options> = {
  name: 't-lora',
  title: 'T-LoRA',
  sentence:
    'Lets fewer ranks learn the noisier a picture is, so that composition is not learnt by heart: choose it with very few pictures, and a rank well above what they need.',
  options,
  members: 'joined',
  texts: { no: 'They read a caption without a timestep, by which its ranks fall.' },
  fits(request, { rank, minRank }) {
    onlyPairs('T-LoRA', request)
    const own = rank / request.members
    if (minRank < own) return
    const sentence = `T-LoRA keeps ${minRank} ranks at the highest noise, and there are ${own}: none would ever fall away. Choose a higher rank, or a lower minRank.`
    throw new PigmentError('t-lora-rank', sentence, { rank: own, minRank })
  },
  learnt: (target, _request, { rank }) => pairTrainables(target, rank).map(({ shape }) => shape),
  metadata: ({ minRank, power }) => ({ 'pigment.t_lora': JSON.stringify({ minRank, power }) }),

  open(at, { minRank, power }) {
    const { graph, request } = at
    const { rank } = memberShape(request)
    const mask = graph.input(fed, 'float32', ['N', rank])
    const opened = openPairs(at, {
      hidden(channels) {
        // (N, R), (N, T, R), (N, R, H, W).
        const shape = { 2: [0, rank], 3: [0, 1, rank], 4: [0, rank, 1, 1] }[channels.rank] ?? [0, rank]
        return mul(
          channels,
          graph.outsideSegments(() => reshape(mask, shape)),
        )
      },
    })
    return {
      ...opened,
      plan: (initial) => ({
        ...opened.plan(initial),
        feeds({ batch }) {
          const { data } = batch.timestep as Tensor
          const all = new Float32Array(data.length * rank)
          for (const [n, t] of data.entries()) all.fill(1, n * rank, n * rank + rankAt(t, { rank, minRank, power }))
          return { [fed]: { shape: [data.length, rank], data: all } }
        },
      }),
    }
  },
}
