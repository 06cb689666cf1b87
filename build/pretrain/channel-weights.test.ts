import { expect, test } from 'vitest'
import { initialize } from '../../engine/models/initialize.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { unet, vae } from './architecture.ts'
import { channelWeights } from './channel-weights.ts'

test('a channel that the decoder listens to more weighs more, and one that it does not hear weighs least', async () => {
  const autoencoder = initialize(vaeModules(vae), 7)
  const [silent, loud, C] = [3, 5, vae.latentChannels]
  const heard = autoencoder.get('post_quant_conv.weight')?.data ?? new Float32Array()
  for (let o = 0; o < C; o++) {
    heard[o * C + silent] = 0
    heard[o * C + loud] = (heard[o * C + loud] ?? 0) * 4
  }
  const pictures = 4
  const latents = randomStream(1, 'latents', 0).normal(pictures * C * unet.sampleSize ** 2)
  const weights = await channelWeights(autoencoder, latents, pictures)
  expect(weights.reduce((a, b) => a + b, 0) / C).toBeCloseTo(1, 5)
  const [least, ...others] = weights.toSorted()
  expect(weights[silent]).toBe(least)
  expect(weights[loud]).toBe(others.at(-1))
  expect(weights[loud] ?? 0).toBeGreaterThan(3)
})
