// What the training graph is fed with for rows of pictures, once their noise and timesteps are known: for steps and for measurements alike.
import type { Size } from '../images/model-range.ts'
import { familyCalled } from '../models/family-called.ts'
import { trainingExample, type TrainingBatch } from '../processes/training-example.ts'
import type { Feed } from '../runtime/session.ts'
import type { TrainRequest } from '../requests/train.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { besideRows } from '../sessions/masked-input.ts'
import type { Model } from '../sessions/open-model.ts'
import { captionFeeds, type Caption } from './captions.ts'
import { distanceOf } from './distance.ts'
import { sizeName, type Prepared, type PreparedPicture } from './prepare-training.ts'
import { keptRows, preservationOf } from './preservations/preservation.ts'

/** Pictures of one bucket, one a row. */
export interface ExampleRows {
  readonly chosen: readonly PreparedPicture[]
  readonly bucket: Size
  /** Clean latents, scaled as the network knows them, and standard normal noise: (N, C, H, W), as `latentShape` says. */
  readonly latents: Float32Array
  readonly noise: Float32Array
  /** What the network sees in place of it, where that is another. */
  readonly seen?: Tensor | undefined
  readonly timesteps: Float32Array
  /** How much each cell counts; unless told, as the masks of the pictures say. */
  readonly masks?: readonly (Float32Array | undefined)[]
  /** What each row is shown with. */
  readonly said: readonly string[]
  /** Of what is said, captions that were not prepared. */
  readonly read?: ReadonlyMap<string, Caption>
  /** For the captions of so many kept rows, numbers drawn evenly from 0 to 1. */
  readonly drawn: (rows: number) => ArrayLike<number>
  /** How much a row counts by its signal-to-noise ratio; all alike unless told. */
  readonly weight?: TrainingBatch['weight']
}

/** Of latents of so many pictures in a bucket. */
export const latentShape = (
  { checkpoint, pixelFactor }: Pick<Model, 'checkpoint' | 'pixelFactor'>,
  { width, height }: Size,
  count: number,
) => [count, checkpoint.unet.config.outChannels, height / pixelFactor, width / pixelFactor] as const

export function exampleFeeds(
  model: Pick<Model, 'checkpoint' | 'pixelFactor' | 'process'>,
  request: TrainRequest,
  { captions, allMasked }: Pick<Prepared, 'captions' | 'allMasked'>,
): (rows: ExampleRows) => Record<string, Feed> {
  const { denoiser } = familyCalled(model.checkpoint.family)
  const { predictions } = preservationOf(request)
  const distance = distanceOf(request)
  return ({ chosen, bucket, latents, noise, seen, timesteps, masks = chosen.map(({ mask }) => mask), said, read, drawn, weight }) => {
    const count = chosen.length
    const shape = latentShape(model, bucket, count)
    const example = { latents: { shape, data: latents }, noise: { shape, data: noise }, seen, timesteps }
    const { input, target, weights } = trainingExample({ process: model.process, ...example, ...(weight ? { weight } : {}) })
    const kept = predictions ? Array.from({ length: keptRows(predictions, count) }, (_, row) => row) : []
    const draws = drawn(kept.length)
    const heard = [...kept.map((row) => predictions?.caption(chosen[row]?.caption ?? '', draws[row] ?? 0) ?? ''), ...said]
    const { conditioning, feeds } = captionFeeds(heard.map((caption) => (captions.get(caption) ?? read?.get(caption)) as Caption))
    const sizes = [...kept.flatMap((row) => chosen[row] ?? []), ...chosen].map(({ original }) => ({ original, drawn: bucket }))
    return {
      sample: withFirst(input, kept.length),
      target,
      ...besideRows(allMasked?.get(sizeName(bucket)), kept.length + count, shape),
      timestep: withFirst({ shape: [count], data: timesteps }, kept.length),
      weight: { shape: [count], data: weights.map((value, k) => value * (chosen[k]?.weight ?? 1)) },
      ...distance.feeds({ process: model.process, timesteps, masks, cells: [shape[2], shape[3]] }),
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
