import { expect, test } from 'vitest'
import { tells } from './private-fields.ts'

test.each([
  ['ss_training_comment', 'from /home/anna/pictures', 'path'],
  ['ss_sd_model_name', String.raw`C:\Users\Anna\model.safetensors`, 'path'],
  ['ss_dataset_dirs', String.raw`{"\\\\nas\\anna": 1}`, 'path'],
  ['anything', '{"dir": "/Users/anna/set"}', 'path'],
  ['ss_dataset_dirs', '{"10_anna": {"n_repeats": 10, "img_count": 4}}', 'names'],
  ['ss_tag_frequency', '{"10_anna": {"smile": 3}}', 'captions'],
  ['modelspec.author', 'Anna', 'names'],
  ['modelspec.date', '2026-11-30T00:00:00', 'date'],
  ['ss_training_started_at', '1700000000.5', 'date'],
  ['modelspec.thumbnail', 'data:image/jpeg;base64,AAAA', 'picture'],
  ['ss_session_id', '12345', 'identity'],
  ['ss_network_dim', '16', undefined],
  ['modelspec.architecture', 'stable-diffusion-v1/lora', undefined],
  ['modelspec.implementation', 'https://github.com/Stability-AI/generative-models', undefined],
  ['modelspec.resolution', '512x512', undefined],
  ['ss_learning_rate', '1e-4/2', undefined],
])('%s = %s tells %s', (key, value, kind) => expect(tells(key, value)).toBe(kind))
