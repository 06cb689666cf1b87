import { expect, test } from 'vitest'
import type { Checkpoint, Family } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import { tensorShapes } from '../models/keys/modules.ts'
import { unetModules } from '../models/keys/unet-modules.ts'
import { trainRequest } from '../requests/train.ts'
import { elementCount } from '../tensor/tensor.ts'
import { deviceMemory } from './device-memory.ts'

/** The published shape, without its numbers. */
function published(name: Family) {
  const { published: known, scalingFactor } = familyCalled(name)
  const shapes = tensorShapes(unetModules(known.unet))
  const source = (shape: readonly number[]) =>
    ({ file: '/w', dtype: 'float16', shape, offset: 0, length: 2 * elementCount(shape) }) as const
  const vae = { inChannels: 3, latentChannels: 4, blockOutChannels: [128, 256, 512, 512], layersPerBlock: 2, normGroups: 32, scalingFactor }
  return {
    family: name,
    unet: { config: known.unet, weights: new Map([...shapes].map(([key, shape]) => [key, source(shape)])) },
    textEncoders: known.textEncoders.map((config) => ({ config, weights: new Map() })),
    vae: { config: vae, weights: new Map() },
  } satisfies Pick<Checkpoint, 'family' | 'unet' | 'textEncoders' | 'vae'>
}

const usual = trainRequest.parse({ dataset: 'x', batch: 1, recompute: true })

test('a LoRA of Stable Diffusion 1.5 at 512 px fits into 6 GB in fp16, and not in fp32', () => {
  const forecast = (precision: 'fp16' | 'fp32') => deviceMemory(published('sd1'), usual, { side: 512, precision })
  expect(forecast('fp16')).toBeLessThan(6e9)
  expect(forecast('fp32')).toBeGreaterThan(6e9)
})
