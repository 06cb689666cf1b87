import { describe, expect, test } from 'vitest'
import type { Family, Prediction } from '../checkpoint/config.ts'
import { contentHashes, stripMetadata, trainingMetadata, type TrainingRecord } from './metadata.ts'

const record: TrainingRecord = {
  title: 'Ink wash',
  family: 'sd1',
  prediction: 'epsilon',
  baseModel: '/home/someone/models/base.safetensors',
  networkModule: 'networks.lora',
  rank: 8,
  alpha: 4,
  steps: 100,
  epoch: 5,
  plannedSteps: 1000,
  epochs: 5,
  batch: 2,
  accumulation: 3,
  resolution: [512, 768],
  learningRate: 1e-4,
  optimizer: 'AdamW(weight_decay=0.01)',
  scheduler: 'cosine',
  warmupSteps: 10,
  seed: 2n ** 60n,
  precision: 'no',
  folders: [
    { folder: 'C:\\Users\\someone\\10_ink\\', pictures: 4, repeats: 10, tags: { hill: 3, river: 1 } },
    { folder: '/home/someone/more', pictures: 2, repeats: 1, tags: {} },
  ],
  buckets: {
    sizes: [
      { width: 448, height: 640, count: 40 },
      { width: 512, height: 512, count: 2 },
    ],
    meanAspectError: 0.01,
    shortestSide: 256,
    longestSide: 1024,
  },
  datasetFingerprint: 'abc',
  trigger: 'inkwash',
  author: 'A. Painter',
  license: 'CC0-1.0',
  startedAt: 1_700_000_000,
  finishedAt: 1_700_000_100,
}

describe('training metadata', () => {
  const metadata = trainingMetadata(record)

  test('is what web UIs read', () => {
    expect(metadata).toMatchObject({
      ss_v2: 'False',
      ss_base_model_version: 'sd_v1',
      ss_network_module: 'networks.lora',
      ss_network_dim: '8',
      ss_network_alpha: '4',
      ss_output_name: 'Ink wash',
      ss_sd_model_name: 'base.safetensors',
      ss_seed: '1152921504606846976',
      ss_total_batch_size: '6',
      ss_num_train_images: '42',
      ss_resolution: '(512, 768)',
      ss_dataset_dirs: '{"10_ink":{"n_repeats":10,"img_count":4},"more":{"n_repeats":1,"img_count":2}}',
      ss_tag_frequency: '{"10_ink":{"hill":3,"river":1},"more":{}}',
      'modelspec.sai_model_spec': '1.0.1',
      'modelspec.architecture': 'stable-diffusion-v1/lora',
      'modelspec.implementation': 'diffusers',
      'modelspec.resolution': '512x768',
      'modelspec.date': '2023-11-14T22:15:00',
      'modelspec.trigger_phrase': 'inkwash',
      'modelspec.author': 'A. Painter',
      'modelspec.license': 'CC0-1.0',
      'modelspec.prediction_type': 'epsilon',
      'pigment.dataset_fingerprint': 'abc',
      'pigment.trigger_words': '["inkwash"]',
    })
    expect(Object.keys(metadata).findLastIndex((key) => key.startsWith('ss_'))).toBeLessThan(
      Object.keys(metadata).findIndex((key) => key.startsWith('modelspec.')),
    )
  })

  test('is what A1111’s metadata editor takes apart: numbers where it expects them, and no key for what is not known', () => {
    const { startedAt: _started, finishedAt: _finished, ...rest } = record
    expect(Object.entries(trainingMetadata(rest)).filter(([, value]) => value === 'None')).toEqual([])
    expect(Object.entries(metadata).filter(([, value]) => value === 'None')).toEqual([])
    expect([Number(metadata.ss_training_started_at), Number(metadata.ss_training_finished_at)]).toEqual([1_700_000_000, 1_700_000_100])
    expect(JSON.parse(metadata.ss_bucket_info ?? '')).toEqual({
      buckets: { 0: { resolution: [448, 640], count: 40 }, 1: { resolution: [512, 512], count: 2 } },
      mean_img_ar_error: 0.01,
    })
    expect(metadata).toMatchObject({ ss_enable_bucket: 'True', ss_min_bucket_reso: '256', ss_max_bucket_reso: '1024' })
    expect(metadata).not.toHaveProperty('ss_clip_skip')
    expect(trainingMetadata({ ...record, clipSkip: 2 })).toMatchObject({ ss_clip_skip: '2', 'modelspec.encoder_layer': '2' })
  })

  test('names no private path or user, and depends on nothing but the record', () => {
    expect(JSON.stringify(metadata)).not.toMatch(/someone|home|Users/)
    expect(JSON.stringify(trainingMetadata(record))).toBe(JSON.stringify(metadata))
  })

  test('leaves out what was not told', () => {
    const { trigger: _trigger, author: _author, ...rest } = record
    expect(Object.keys(trainingMetadata(rest)).filter((key) => /trigger|author|usage/.test(key))).toEqual([])
  })

  test('stripped, keeps what loading needs', () => {
    expect(stripMetadata({ ...metadata, sshs_model_hash: 'x' })).toEqual({
      ss_v2: 'False',
      ss_base_model_version: 'sd_v1',
      ss_network_module: 'networks.lora',
      ss_network_dim: '8',
      ss_network_alpha: '4',
    })
  })
})

test('folders of one name are counted together', () => {
  const folder = { folder: 'a/ink', pictures: 2, repeats: 1, tags: { hill: 1 } }
  const metadata = trainingMetadata({ ...record, folders: [folder, { ...folder, folder: 'b/ink', tags: { hill: 2, sea: 1 } }] })
  expect(metadata.ss_dataset_dirs).toBe('{"ink":{"n_repeats":1,"img_count":4}}')
  expect(metadata.ss_tag_frequency).toBe('{"ink":{"hill":3,"sea":1}}')
})

test('base model words', () => {
  const words = (family: Family, prediction: Prediction) => {
    const metadata = trainingMetadata({ ...record, family, prediction })
    return ['ss_base_model_version', 'ss_v2', 'modelspec.architecture', 'modelspec.implementation'].map((key) => metadata[key])
  }
  expect(words('sd1', 'epsilon')).toEqual(['sd_v1', 'False', 'stable-diffusion-v1/lora', 'diffusers'])
  expect(words('sd1', 'v_prediction')).toEqual(['sd_v1_v', 'False', 'stable-diffusion-v1/lora', 'diffusers'])
  expect(words('sd2', 'epsilon')).toEqual(['sd_v2', 'True', 'stable-diffusion-v2-512/lora', 'diffusers'])
  expect(words('sd2', 'v_prediction')).toEqual(['sd_v2_v', 'True', 'stable-diffusion-v2-768-v/lora', 'diffusers'])
  const generativeModels = 'https://github.com/Stability-AI/generative-models'
  for (const prediction of ['epsilon', 'v_prediction'] as const)
    expect(words('sdxl', prediction)).toEqual(['sdxl_base_v1-0', 'False', 'stable-diffusion-xl-v1-base/lora', generativeModels])
})

test('hashes are those of sd-scripts', () => {
  const zeros = [{ name: 'a', dtype: 'F32', shape: [2], data: new Uint8Array(8) }]
  // SHA-256 of eight zero bytes; and of nothing, since the file ends before 1 MiB.
  expect(contentHashes(zeros, { 'modelspec.sai_model_spec': '1.0.1' })).toEqual({
    sshs_model_hash: 'af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc',
    sshs_legacy_hash: 'e3b0c442',
    'modelspec.hash_sha256': '0xaf5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc',
  })
})
