import { expect, test } from 'vitest'
import type { Dataset, DatasetPicture } from '../../engine/datasets/dataset.ts'
import type { Checkpoint } from '../../engine/checkpoint/config.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { metadataOf } from './training-record.ts'

const picture = (path: string, width: number, height: number, repeats: number): DatasetPicture => ({
  path,
  file: `/set/${path}`,
  folder: '10_ink',
  width,
  height,
  sha256: path,
  caption: 'hill, river',
  repeats,
})
const dataset: Dataset = {
  directory: '/set',
  pictures: [picture('a.png', 1000, 1000, 10), picture('b.png', 512, 512, 10), picture('c.png', 800, 1200, 1)],
  problems: [],
  fingerprint: 'abc',
}
const model = {
  checkpoint: { family: 'sd1', path: '/models/base', schedule: { prediction: 'epsilon' }, textEncoders: [] } as unknown as Checkpoint,
  defaultSide: 512,
  sideStep: 64,
}

test('a run says which buckets its pictures went to, as often as they were shown', () => {
  const request = trainRequest.parse({ dataset: '/set' })
  const metadata = metadataOf({ title: 'Ink', model, request, dataset, startedAt: 1, finishedAt: 2 })
  const { buckets, mean_img_ar_error } = JSON.parse(metadata.ss_bucket_info ?? '{}') as Record<string, unknown>
  expect(buckets).toEqual({ 0: { resolution: [384, 640], count: 1 }, 1: { resolution: [512, 512], count: 20 } })
  expect(mean_img_ar_error).toBeCloseTo((2 / 3 - 384 / 640) / 3, 12)
  expect(metadata).toMatchObject({ ss_enable_bucket: 'True', ss_min_bucket_reso: '256', ss_max_bucket_reso: '1024' })
  expect(Object.values(metadata)).not.toContain('None')
})

test('loss, noises, masks, timesteps and schedule are told by the keys of sd-scripts, where they are asked for', () => {
  const told = (more: object): Record<string, string> => {
    const request = trainRequest.parse({ dataset: '/set', ...more })
    const all = metadataOf({ title: 'Ink', model, request, dataset, startedAt: 1, finishedAt: 2 })
    const plain = metadataOf({
      title: 'Ink',
      model,
      request: trainRequest.parse({ dataset: '/set' }),
      dataset,
      startedAt: 1,
      finishedAt: 2,
    })
    return Object.fromEntries(Object.entries(all).filter(([key, value]) => plain[key] !== value))
  }
  expect(told({})).toEqual({})
  const asked = {
    loss: 'l1',
    noiseOffset: 0.05,
    ipNoiseGamma: 0.1,
    maskedLoss: 'alpha',
    minTimestep: 100,
    zeroTerminalSnr: true,
    objective: 'v',
  }
  expect(told(asked)).toMatchObject({
    ...{ ss_loss_type: 'l1', ss_noise_offset: '0.05', ss_ip_noise_gamma: '0.1', ss_masked_loss: 'True', ss_zero_terminal_snr: 'True' },
    ...{ 'pigment.min_timestep': '100', 'pigment.objective': 'v' },
  })
})

test('the optimizer and the loss weight are told as sd-scripts writes them', () => {
  const told = (more: object): unknown[] => {
    const request = trainRequest.parse({ dataset: '/set', ...more })
    const metadata = metadataOf({ title: 'Ink', model, request, dataset, startedAt: 1, finishedAt: 2 })
    return [metadata.ss_optimizer, metadata.ss_min_snr_gamma]
  }
  expect(told({})).toEqual(['AdamW(weight_decay=0.01)', undefined])
  expect(told({ weightDecay: 0.5, minSnrGamma: 3 })).toEqual(['AdamW(weight_decay=0.5)', '3'])
  expect(told({ lossWeight: 'min-snr' })[1]).toBe('5')
})
