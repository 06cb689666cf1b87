import type { Size } from '../images/model-range.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Model } from './open-model.ts'
import { tiled } from './tiles.ts'
import { wrapAxes } from './tiling.ts'

/** Mean and standard deviation of a picture's latent, scaled as the UNet knows it, (C, h, w). */
export interface PictureLatent {
  readonly mean: Float32Array
  readonly deviation: Float32Array
}

/** A picture in model range, (3, height, width), as the autoencoder sees it. Throws `latent-nan`. */
export async function encodePicture(model: Model, pixels: Float32Array, { width, height }: Size): Promise<PictureLatent> {
  const encoder = await model.encoder()
  const whole = { shape: [1, 3, height, width], data: pixels }
  const part = (pixels: Tensor): Promise<Record<string, Tensor>> => encoder.run({ pixels })
  const { mean, log_variance } = model.economy.tiles
    ? await tiled(whole, { input: model.pixelFactor, output: 1, wraps: wrapAxes(model.tiling) }, part)
    : await part(whole)
  const scale = model.checkpoint.vae.config.scalingFactor
  const means = (mean as Tensor).data.map((value) => value * scale)
  if (means.some(Number.isNaN))
    throw new PigmentError('latent-nan', 'The autoencoder gave NaN for a picture. Its weights may be damaged: download the model again.', {
      width,
      height,
    })
  return { mean: means, deviation: (log_variance as Tensor).data.map((value) => Math.exp(value / 2) * scale) }
}
