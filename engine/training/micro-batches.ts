// What each step of a training run sees.
import { planBatches } from '../datasets/batches.ts'
import { lossWeightOf } from './loss-weights/loss-weight.ts'
import { familyCalled } from '../models/family-called.ts'
import { trainingExample } from '../processes/training-example.ts'
import type { Feed } from '../runtime/session.ts'
import type { TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { Model } from '../sessions/open-model.ts'
import { captionFeeds, type Caption } from './captions.ts'
import type { Prepared } from './prepare-training.ts'
import { keptRows, preservationOf } from './preservations/preservation.ts'
import { timestepDrawOf } from './timestep-draws/timestep-draw.ts'

/** What micro-batch `n` of the run is fed with: a pure function of n, so that a resumed run needs no history. */
export function microBatches(model: Model, request: TrainRequest, { pictures, captions }: Prepared): (n: number) => Record<string, Feed> {
  const plan = planBatches(pictures, {
    seed: request.seed,
    batchSize: request.batch,
    flip: request.flip,
    captionDropout: request.captionDropout,
  })
  const { inChannels } = model.checkpoint.unet.config
  const { weight } = lossWeightOf(request)
  const { draw } = timestepDrawOf(request)
  const { denoiser } = familyCalled(model.checkpoint.family)
  const { predictions } = preservationOf(request)
  return (n) => {
    const batch = plan.step(n)
    const count = batch.pictures.length
    const shape = [count, inChannels, batch.bucket.height / model.pixelFactor, batch.bucket.width / model.pixelFactor]
    const size = elementCount(shape) / count
    const draws = randomStream(request.seed, 'posterior', n).normal(count * size)
    const latents = new Float32Array(count * size)
    const chosen = batch.pictures.map((index) => pictures[index] as Prepared['pictures'][number])
    chosen.forEach((picture, k) => {
      const { mean, deviation } = (batch.flips[k] && picture.mirrored) || picture.plain
      for (let i = 0; i < size; i++) latents[k * size + i] = (mean[i] ?? 0) + (deviation[i] ?? 0) * (draws[k * size + i] ?? 0)
    })
    const timesteps = draw(randomStream(request.seed, 'timestep', n), count, model.process)
    const { input, target, weights } = trainingExample({
      process: model.process,
      latents: { shape, data: latents },
      noise: { shape, data: randomStream(request.seed, 'noise', n).normal(count * size) },
      timesteps,
      weight,
    })
    const kept = predictions ? Array.from({ length: keptRows(predictions, count) }, (_, row) => row) : []
    const drawn = randomStream(request.seed, 'preserved caption', n).uniform(kept.length)
    const said = [
      ...kept.map((row) => predictions?.caption(chosen[row]?.caption ?? '', drawn[row] ?? 0) ?? ''),
      ...chosen.map(({ caption }, k) => (batch.dropped[k] ? '' : caption)),
    ]
    const { conditioning, feeds } = captionFeeds(said.map((caption) => captions.get(caption) as Caption))
    const sizes = [...kept.flatMap((row) => chosen[row] ?? []), ...chosen].map(({ original }) => ({ original, drawn: batch.bucket }))
    return {
      sample: withFirst(input, kept.length),
      target,
      timestep: withFirst({ shape: [count], data: timesteps }, kept.length),
      weight: { shape: [count], data: weights.map((value, k) => value * (chosen[k]?.weight ?? 1)) },
      ...(predictions ? { kept: { shape: [kept.length], data: new Float32Array(kept.length).fill(predictions.weight) } } : {}),
      ...feeds,
      ...denoiser.feeds(conditioning, sizes),
    }
  }
}

/** Its first rows, then all of them. */
function withFirst({ shape: [rows = 0, ...row], data }: Tensor, count: number): Tensor {
  const both = new Float32Array(data.length + count * elementCount(row))
  both.set(data.subarray(0, count * elementCount(row)))
  both.set(data, count * elementCount(row))
  return { shape: [rows + count, ...row], data: both }
}
