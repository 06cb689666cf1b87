// Pictures at fixed noise: the same latents, noise and timesteps at every measurement, so that what changes between two of them is the network alone.
import type { TrainRequest } from '../../requests/train.ts'
import type { Feed } from '../../runtime/session.ts'
import type { Model } from '../../sessions/open-model.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount } from '../../tensor/tensor.ts'
import { exampleFeeds, latentShape } from '../example-feeds.ts'
import type { Prepared } from '../prepare-training.ts'

/** Where along the noise, as shares of the training timesteps: 200, 400, 600, 800 of 1000. Reference: sd-scripts, linspace(0, 1000, 6)[1:-1]. */
export const validationLevels = [0.2, 0.4, 0.6, 0.8] as const

export const validationTimesteps = (trainSteps: number): number[] =>
  validationLevels.map((level) => Math.min(trainSteps - 1, Math.round(level * trainSteps)))

/** Which picture, counted in its list, and which level each row of a batch is. */
export interface MeasuredBatch {
  readonly feeds: Readonly<Record<string, Feed>>
  readonly rows: readonly { readonly picture: number; readonly level: number }[]
}

/** Every picture at every level, in batches no larger than those of the run. The first picture of every list sees the same noise. */
export function validationBatches(
  model: Pick<Model, 'checkpoint' | 'pixelFactor' | 'process'>,
  request: TrainRequest,
  { pictures, ...prepared }: Pick<Prepared, 'pictures' | 'captions' | 'allMasked'>,
): MeasuredBatch[] {
  const timesteps = validationTimesteps(model.process.asked.trainSteps)
  const feeds = exampleFeeds(model, request, prepared)
  const buckets = Map.groupBy(pictures.keys(), (i) => `${pictures[i]?.bucket.width}x${pictures[i]?.bucket.height}`)
  return [...buckets.values()].flatMap((indices) => {
    const rows = indices.flatMap((picture) => timesteps.map((_, level) => ({ picture, level })))
    return chunksOf(rows, request.batch).map((rows) => {
      // How much a picture counts in training says nothing of how well it is known.
      const chosen = rows.map(({ picture }) => ({ ...(pictures[picture] as Prepared['pictures'][number]), weight: 1 }))
      const [{ bucket }] = chosen as [Prepared['pictures'][number]]
      const size = elementCount(latentShape(model, bucket, 1))
      const joined = (of: (row: number) => Float32Array): Float32Array => {
        const all = new Float32Array(rows.length * size)
        rows.forEach((_, row) => all.set(of(row), row * size))
        return all
      }
      const noiseOf = ({ picture, level }: MeasuredBatch['rows'][number]) =>
        randomStream(request.seed, 'validation', picture * timesteps.length + level).normal(size)
      return {
        rows,
        feeds: feeds({
          ...{ chosen, bucket },
          latents: joined((row) => chosen[row]?.plain.mean ?? new Float32Array(size)),
          noise: joined((row) => noiseOf(rows[row] as MeasuredBatch['rows'][number])),
          timesteps: Float32Array.from(rows, ({ level }) => timesteps[level] ?? 0),
          said: chosen.map(({ caption }) => caption),
          drawn: (kept) => new Float32Array(kept),
        }),
      }
    })
  })
}

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
