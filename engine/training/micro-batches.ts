// What each step of a training run sees.
import { planBatches } from '../datasets/batches.ts'
import { lossWeightOf } from './loss-weights/loss-weight.ts'
import type { Feed } from '../runtime/session.ts'
import type { TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { Model } from '../sessions/open-model.ts'
import { exampleFeeds, latentShape } from './example-feeds.ts'
import { maskingOf } from './masks/mask.ts'
import { noisesOf } from './noises/noise.ts'
import { objectiveOf } from './objectives/objective.ts'
import type { Prepared } from './prepare-training.ts'
import { timestepDrawOf } from './timestep-draws/timestep-draw.ts'
import { captionsShown } from './varied-captions.ts'

/** Which pictures meet in which micro-batch. */
export const batchesOf = (request: TrainRequest, { pictures }: Pick<Prepared, 'pictures'>) =>
  planBatches(pictures, {
    seed: request.seed,
    batchSize: request.batch,
    flip: request.flip,
    captionDropout: request.captionDropout,
    captionDropoutEveryEpochs: request.captionDropoutEveryEpochs,
  })

/** What micro-batch `n` of the run is fed with: a pure function of n, so that a resumed run needs no history. */
export function microBatches(model: Model, request: TrainRequest, prepared: Prepared): (n: number) => Promise<Record<string, Feed>> {
  const { pictures } = prepared
  const plan = batchesOf(request, prepared)
  const { weight: byNoise } = lossWeightOf(request)
  const objective = objectiveOf(request)
  const weight = objective ? (...at: Parameters<typeof byNoise>) => byNoise(...at) * objective.weight(at[0]) : byNoise
  const noises = noisesOf(request)
  const unmasked = maskingOf(request)?.unmasked ?? 0
  const { draw } = timestepDrawOf(request)
  const shown = captionsShown(request, prepared)
  const feeds = exampleFeeds(model, request, prepared)
  return async (n) => {
    const batch = plan.step(n)
    const count = batch.pictures.length
    const shape = latentShape(model, batch.bucket, count)
    const size = elementCount(shape) / count
    const draws = randomStream(request.seed, 'posterior', n).normal(count * size)
    const latents = new Float32Array(count * size)
    const chosen = batch.pictures.map((index) => pictures[index] as Prepared['pictures'][number])
    chosen.forEach((picture, k) => {
      const { mean, deviation } = (batch.flips[k] && picture.mirrored) || picture.plain
      for (let i = 0; i < size; i++) latents[k * size + i] = (mean[i] ?? 0) + (deviation[i] ?? 0) * (draws[k * size + i] ?? 0)
    })
    const drawn = { shape, data: randomStream(request.seed, 'noise', n).normal(count * size) }
    const at = { latents: { shape, data: latents }, random: (purpose: string) => randomStream(request.seed, purpose, n) }
    const noise = noises.noise?.(drawn, at) ?? drawn
    const bare = randomStream(request.seed, 'unmasked', n).uniform(count)
    return feeds({
      ...(await shown(n, chosen, batch.dropped)),
      ...{ chosen, latents, weight, bucket: batch.bucket },
      timesteps: draw(randomStream(request.seed, 'timestep', n), count, model.process),
      noise: noise.data,
      seen: noises.seen?.(noise, at),
      masks: chosen.map(({ mask, mirrored }, k) => {
        if (!mask || (bare[k] ?? 1) < unmasked) return undefined
        return batch.flips[k] && mirrored ? mirroredRows(mask, shape[3]) : mask
      }),
      drawn: (rows) => randomStream(request.seed, 'preserved caption', n).uniform(rows),
    })
  }
}

/** A mask of rows of a width, left to right. */
function mirroredRows(mask: Float32Array, width: number): Float32Array {
  return mask.map((_, i) => mask[i - (i % width) + (width - 1 - (i % width))] ?? 0)
}
