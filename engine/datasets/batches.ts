// Which pictures meet in which step. A pure function of seed and epoch: a resumed run asks for its step and needs no history.
import type { Size } from '../images/model-range.ts'
import { PigmentError } from '../requests/error.ts'
import { randomStream } from '../tensor/philox.ts'

/** How a picture is shown. */
export interface Showing {
  /** Mirror it with probability one half. */
  readonly flip?: boolean | undefined
  /** Probability of training it without its caption. */
  readonly captionDropout?: number | undefined
  /** Every n-th epoch, counted from one, trains without captions; 0 for never. */
  readonly captionDropoutEveryEpochs?: number | undefined
}

/** What it does not say of its showing is that of the plan. */
export interface PlanItem extends Showing {
  readonly bucket: Size
  readonly repeats: number
}

export interface BatchOptions extends Showing {
  readonly seed: number
  readonly batchSize: number
}

/** Pictures trained together, all of one bucket. The arrays run in parallel. */
export interface Batch {
  readonly bucket: Size
  /** Indices into the items of the plan. */
  readonly pictures: readonly number[]
  readonly flips: readonly boolean[]
  readonly dropped: readonly boolean[]
}

export interface BatchPlan {
  readonly batchesPerEpoch: number
  /** The batches of an epoch (0, 1, …) in order. */
  epoch(epoch: number): Batch[]
  /** The batch of a global step (0, 1, …), with its epoch. */
  step(step: number): Batch & { readonly epoch: number; readonly index: number }
}

const MAX_SAMPLES = 10_000_000

/** Plans training over items: each appears `repeats` times an epoch, order and flips are drawn anew for every epoch. */
export function planBatches(items: readonly PlanItem[], options: BatchOptions): BatchPlan {
  const { batchSize } = options
  const samples = items.reduce((sum, item) => sum + item.repeats, 0)
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new PigmentError('batch-size', `A batch has 1 or more pictures, got ${batchSize}.`, { batchSize })
  if (samples === 0) throw new PigmentError('dataset-empty', 'There is no picture to train on. Add pictures to the data set.', {})
  if (samples > MAX_SAMPLES) {
    const sentence = `With repeats, an epoch has ${samples} pictures; ${MAX_SAMPLES} are allowed. Lower the repeats in the folder names.`
    throw new PigmentError('dataset-too-large', sentence, { samples, limit: MAX_SAMPLES })
  }
  const buckets = groupByBucket(items)
  const batchesPerEpoch = buckets.reduce((sum, { samples }) => sum + Math.ceil(samples.length / batchSize), 0)
  // Training asks step after step; only the epoch at hand is kept.
  let held: { epoch: number; batches: Batch[] } | undefined
  const epoch = (n: number): Batch[] => {
    if (held?.epoch !== n) held = { epoch: n, batches: planEpoch(buckets, items, options, n) }
    return held.batches
  }
  return {
    batchesPerEpoch,
    epoch,
    step(step) {
      const n = Math.floor(step / batchesPerEpoch)
      const index = step % batchesPerEpoch
      const batch = epoch(n)[index]
      if (!batch) throw new PigmentError('batch-step', `A training step is 0 or a larger whole number, got ${step}.`, { step })
      return { ...batch, epoch: n, index }
    },
  }
}

interface Bucket {
  readonly size: Size
  /** Item indices, each as often as it repeats. */
  readonly samples: readonly number[]
}

function groupByBucket(items: readonly PlanItem[]): Bucket[] {
  const groups = new Map<string, { size: Size; samples: number[] }>()
  for (const [index, { bucket, repeats }] of items.entries()) {
    const key = `${bucket.width}x${bucket.height}`
    const group = groups.get(key) ?? { size: bucket, samples: [] }
    groups.set(key, group)
    for (let i = 0; i < repeats; i++) group.samples.push(index)
  }
  return [...groups.values()].sort((a, b) => a.size.width - b.size.width || a.size.height - b.size.height)
}

function planEpoch(buckets: readonly Bucket[], items: readonly PlanItem[], options: BatchOptions, epoch: number): Batch[] {
  const { seed, batchSize } = options
  /** Of the picture in a place of the order. */
  const showing = (picture: number): Required<Showing> => {
    const { flip, captionDropout, captionDropoutEveryEpochs } = items[picture] ?? {}
    return {
      flip: flip ?? options.flip ?? false,
      captionDropout: captionDropout ?? options.captionDropout ?? 0,
      captionDropoutEveryEpochs: captionDropoutEveryEpochs ?? options.captionDropoutEveryEpochs ?? 0,
    }
  }
  const batches: Batch[] = []
  for (const { size, samples } of buckets) {
    const name = `${size.width}x${size.height}`
    const count = samples.length
    const order = Array.from(randomStream(seed, `batches order ${name}`, epoch).permutation(count), (i) => samples[i] ?? 0)
    const shown = order.map((picture) => showing(picture))
    const [turns, drops] = [randomStream(seed, `batches flip ${name}`, epoch), randomStream(seed, `batches dropout ${name}`, epoch)].map(
      (stream) => stream.uniform(count),
    ) as [Float64Array, Float64Array]
    const flips = shown.map(({ flip }, i) => flip && (turns[i] ?? 1) < 0.5)
    const dropped = shown.map(
      ({ captionDropout, captionDropoutEveryEpochs: every }, i) =>
        (every > 0 && (epoch + 1) % every === 0) || (drops[i] ?? 1) < captionDropout,
    )
    for (let at = 0; at < count; at += batchSize) {
      const [from, to] = [at, at + batchSize]
      batches.push({ bucket: size, pictures: order.slice(from, to), flips: flips.slice(from, to), dropped: dropped.slice(from, to) })
    }
  }
  return Array.from(randomStream(seed, 'batches', epoch).permutation(batches.length), (i) => batches[i]).filter(
    (batch) => batch !== undefined,
  )
}
