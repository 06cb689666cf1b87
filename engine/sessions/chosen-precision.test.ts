import { expect, test } from 'vitest'
import type { Checkpoint } from '../checkpoint/config.ts'
import { chosenPrecision } from './chosen-precision.ts'

const stored = (dtype: 'float16' | 'float32') =>
  ({ unet: { weights: new Map([['w', { file: '/f', dtype, shape: [8], offset: 0, length: 0 }]]) } }) as unknown as Pick<Checkpoint, 'unet'>

test('auto takes fp16 where the device proved it and the model is stored in 16 bits', () => {
  const card = { provider: 'cuda', proven: ['fp16', 'bf16'] } as const
  expect(chosenPrecision('auto', stored('float16'), card)).toBe('fp16')
  expect(chosenPrecision('auto', stored('float32'), card)).toBe('fp32')
  expect(chosenPrecision('auto', stored('float16'), { provider: 'webgpu', proven: [] })).toBe('fp32')
  expect(chosenPrecision('auto', stored('float16'), { provider: 'cpu' })).toBe('fp32')
})

test('what a device does not compute rightly is refused by name', () => {
  expect(chosenPrecision('bf16', stored('float16'), { provider: 'cuda', proven: ['fp16', 'bf16'] })).toBe('bf16')
  expect(chosenPrecision('fp16', stored('float32'), { provider: 'cpu' })).toBe('fp16')
  for (const [asked, facts] of [
    ['fp16', { provider: 'webgpu', proven: [] }],
    ['bf16', { provider: 'cpu' }],
  ] as const)
    expect(() => chosenPrecision(asked, stored('float16'), facts)).toThrow(expect.objectContaining({ code: 'precision-unusable' }))
})
