// What an epoch is in steps.
import { planBatches } from '../datasets/batches.ts'
import { bucketFitter, trainingBuckets, type BucketFit } from '../datasets/buckets.ts'
import type { DatasetPicture } from '../datasets/dataset.ts'
import { mostSteps } from '../requests/duration-fields.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Model } from '../sessions/open-model.ts'
import { seenAs } from './picture-settings.ts'

type PictureSizes = Pick<Model, 'defaultSide' | 'sideStep'>
type Sized = Pick<DatasetPicture, 'width' | 'height' | 'own'>

/** Where each picture goes, by the side at which it is seen. Throws `picture-too-narrow`. */
export function fitterOf({ defaultSide, sideStep }: PictureSizes, request: TrainRequest): (picture: Sized) => BucketFit {
  const fitters = new Map<number, ReturnType<typeof bucketFitter>>()
  return (picture) => {
    const { resolution = defaultSide } = seenAs(picture, request)
    const fitter = fitters.get(resolution) ?? bucketFitter(trainingBuckets(resolution, sideStep))
    fitters.set(resolution, fitter)
    return fitter(picture)
  }
}

/**
 * Steps of an epoch: micro-batches hold pictures of one bucket, each as often as it repeats, and a step takes `accumulation` of them; the last of an epoch
 * may take fewer, as sd-scripts counts them (`train_network.py`, `num_update_steps_per_epoch`). Pictures of the class are among those that are seen.
 */
export function stepsPerEpoch(
  pictures: readonly (Sized & Pick<DatasetPicture, 'repeats'>)[],
  request: TrainRequest,
  sizes: PictureSizes,
): number {
  const fit = fitterOf(sizes, request)
  const items = pictures.map((picture) => ({ bucket: fit(picture).bucket, repeats: picture.repeats }))
  return Math.ceil(planBatches(items, { seed: 0, batchSize: request.batch }).batchesPerEpoch / request.accumulation)
}

/** The request in steps: those of its epochs; one whose end a clock tells has more than it will make. */
export function inSteps(request: TrainRequest, perEpoch: number): TrainRequest {
  const { epochs, ...others } = request
  if (request.minutes !== undefined) return { ...others, steps: mostSteps }
  return epochs === undefined ? request : { ...others, steps: Math.min(mostSteps, epochs * perEpoch) }
}
