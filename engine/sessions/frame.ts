// The sides of a picture, and the latents that are one.
import { PigmentError } from '../requests/error.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import type { Model } from './open-model.ts'

/** Latents (pictures, C, h, w) of these sides, in pixels. */
export interface Frame {
  readonly shape: readonly number[]
  readonly width: number
  readonly height: number
}

/** The latents of one picture. Throws `size-invalid`. */
export function frameOf(model: Model, request: Pick<GenerateRequest, 'width' | 'height'>): Frame {
  const factor = model.pixelFactor
  const width = request.width ?? model.defaultSide
  const height = request.height ?? model.defaultSide
  // Every level of the UNet halves the map; its own size need not divide, but the autoencoder's must.
  if (width % factor !== 0 || height % factor !== 0)
    throw new PigmentError(
      'size-invalid',
      `${width}×${height} is not a multiple of ${factor}, the autoencoder's step. Try ${Math.round(width / factor) * factor}×${Math.round(height / factor) * factor}.`,
      {
        width,
        height,
        factor,
      },
    )
  return { width, height, shape: [1, model.checkpoint.unet.config.outChannels, height / factor, width / factor] }
}
