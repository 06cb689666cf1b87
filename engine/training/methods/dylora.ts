// Valipour et al. 2022, "DyLoRA" (arXiv 2210.07558): the rank is drawn anew for each micro-batch, and the first rows of every pair act alone, so that one
// file holds adapters of all ranks. Other than in sd-scripts and LyCORIS, what a slice of the file does is what was trained (engine/adapters/dylora.ts).
import { z } from 'zod'
import { dyLoraKey, sliceFactor, type SliceScale } from '../../adapters/dylora.ts'
import { add, detach, mul, reshape } from '../../graph/math.ts'
import type { Value } from '../../graph/graph.ts'
import { PigmentError } from '../../requests/error.ts'
import { randomStream } from '../../tensor/philox.ts'
import { pairTrainables } from '../../adapters/variants/lora.ts'
import type { Feeds } from '../plan.ts'
import type { TrainingMethod } from './method.ts'
import { onlyPairs, openPairs } from './pairs.ts'

const options = z.object({
  rank: z.int().min(1).default(16),
  unit: z.int().min(1).max(1024).default(1).meta({ description: 'ranks that are trained: its multiples, up to the rank', step: 1 }),
  scale: z.enum(['rank', 'root', 'constant']).default('rank').meta({
    description: 'how strong n of R rows act: by α/n, as in the paper; by α/√(R·n), as in sd-scripts; as all do, α/R',
  }),
  lastOnly: z.boolean().default(false).meta({
    description: 'only the last of the rows that act learn, as in the paper’s frozen variant; those before it stay as they are',
  }),
})

const [acts, learns] = ['dylora.acts', 'dylora.learns'] as const

/** What a micro-batch is fed with where n of the R rows act. */
export function rowsFed(
  n: number,
  { rank, unit, scale, lastOnly }: { rank: number; unit: number; scale: SliceScale; lastOnly: boolean },
): Feeds {
  const rows = (of: (i: number) => number) => ({ shape: [rank], data: Float32Array.from({ length: rank }, (_, i) => of(i)) })
  const factor = sliceFactor(scale, n, rank)
  return {
    [acts]: rows((i) => (i < n ? factor : 0)),
    ...(lastOnly ? { [learns]: rows((i) => (i < n && i >= n - unit ? 1 : 0)) } : {}),
  }
}

export const dylora: TrainingMethod<typeof options> = {
  name: 'dylora',
  title: 'DyLoRA',
  sentence:
    'Trains every rank up to the chosen one at once, so that its file can be cut by rows to what was trained: choose it where another program is to cut it; else a LoRA that is resized is better.',
  options,
  members: { no: 'Its rows stand in an order, which would be lost.' },
  fits(request, { rank, unit }) {
    onlyPairs('DyLoRA', request)
    if (rank % unit === 0) return
    const sentence = `DyLoRA trains the multiples of ${unit}, and the rank ${rank} is none. Choose a rank of ${Math.ceil(rank / unit) * unit}, or another unit.`
    throw new PigmentError('dylora-unit', sentence, { rank, unit })
  },
  learnt: (target, _request, { rank }) => pairTrainables(target, rank).map(({ shape }) => shape),
  metadata: ({ unit, scale }) => ({ ss_network_module: 'networks.dylora', [dyLoraKey]: JSON.stringify({ unit, scale }) }),

  open(at, chosen) {
    const { graph } = at
    const { rank, unit, lastOnly } = chosen
    const acting = graph.input(acts, 'float32', [rank])
    const learning = lastOnly ? graph.input(learns, 'float32', [rank]) : undefined
    /** Along the first axis of A, or the second of B. */
    const along = (rows: Value, { shape }: Value, axis: 0 | 1): Value =>
      reshape(
        rows,
        shape.map((_, i) => (i === axis ? rank : 1)),
      )
    /** As it is, with a gradient for the learning rows alone. */
    const partly = (value: Value, axis: 0 | 1): Value => {
      if (!learning) return value
      const own = along(learning, value, axis)
      return add(mul(value, own), mul(detach(value), add(mul(own, -1), 1)))
    }
    const opened = openPairs(at, {
      parts: ({ down, up }) =>
        graph.outsideSegments(() => {
          const [a, b] = [down as Value, up as Value]
          return { down: mul(partly(a, 0), along(acting, a, 0)), up: partly(b, 1) }
        }),
    })
    return {
      ...opened,
      plan: (initial) => ({
        ...opened.plan(initial),
        feeds: ({ step, micro, member: { seed } }) => {
          const [drawn = 1] = randomStream(seed, `dylora/${micro}`, step).integers(1, 1, rank / unit + 1)
          return rowsFed(drawn * unit, chosen)
        },
      }),
    }
  },
}
