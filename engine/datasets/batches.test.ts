import { expect, test } from 'vitest'
import { planBatches } from './batches.ts'

const square = { width: 64, height: 64 }
const wide = { width: 80, height: 48 }
const items = [
  { bucket: square, repeats: 3 },
  { bucket: wide, repeats: 1 },
  { bucket: square, repeats: 2 },
  { bucket: wide, repeats: 4 },
]
const options = { seed: 7, batchSize: 2, flip: true, captionDropout: 0.3 }

test('an epoch holds each picture as often as it repeats, and batches never mix buckets', () => {
  const plan = planBatches(items, options)
  const batches = plan.epoch(0)
  expect(batches.length).toBe(plan.batchesPerEpoch)
  const pictures = batches.flatMap((batch) => batch.pictures)
  expect([...pictures].sort()).toEqual([0, 0, 0, 1, 2, 2, 3, 3, 3, 3])
  for (const batch of batches) {
    expect(batch.pictures.length).toBeLessThanOrEqual(2)
    expect([batch.flips.length, batch.dropped.length]).toEqual([batch.pictures.length, batch.pictures.length])
    for (const picture of batch.pictures) expect(items[picture]?.bucket).toEqual(batch.bucket)
  }
})

test('any step can be asked for without those before it', () => {
  const all = Array.from({ length: 40 }, (_, step) => planBatches(items, options).step(step))
  const plan = planBatches(items, options)
  for (const step of [39, 3, 17, 18, 0]) expect(plan.step(step)).toEqual(all[step])
  expect(plan.step(plan.batchesPerEpoch)).toEqual({ ...plan.epoch(1)[0], epoch: 1, index: 0 })
  expect(() => plan.step(-1)).toThrow(expect.objectContaining({ code: 'batch-step' }))
})

test('epochs and seeds differ', () => {
  const order = (seed: number, epoch: number): unknown => planBatches(items, { ...options, seed }).epoch(epoch)
  expect(order(7, 0)).not.toEqual(order(7, 1))
  expect(order(7, 0)).not.toEqual(order(8, 0))
})

test('flips and dropout have their rates', () => {
  const batches = planBatches([{ bucket: square, repeats: 10_000 }], { ...options, batchSize: 10_000 }).epoch(0)
  const share = (flags: readonly boolean[] = []): number => flags.filter(Boolean).length / flags.length
  expect(share(batches[0]?.flips)).toBeCloseTo(0.5, 1)
  expect(share(batches[0]?.dropped)).toBeCloseTo(0.3, 1)
  const none = planBatches(items, { seed: 7, batchSize: 99, captionDropoutEveryEpochs: 2 })
  expect([0, 1, 2].map((epoch) => none.epoch(epoch)[0]?.dropped[0])).toEqual([false, true, false])
  expect(none.epoch(0)[0]?.flips).not.toContain(true)
})

test('nothing to train on, and absurd repeats, are refused', () => {
  expect(() => planBatches([], options)).toThrow(expect.objectContaining({ code: 'dataset-empty' }))
  expect(() => planBatches([{ bucket: square, repeats: 1e9 }], options)).toThrow(expect.objectContaining({ code: 'dataset-too-large' }))
  expect(() => planBatches(items, { ...options, batchSize: 0 })).toThrow(expect.objectContaining({ code: 'batch-size' }))
})
