import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Model } from './open-model.ts'
import { tiled } from './tiles.ts'
import { wrapAxes } from './tiling.ts'

export interface Decoded {
  /** Rows of RGB bytes. */
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** Pixels as the decoder gave them, scaled to 0 … 1 and clamped: (1, 3, H, W). A condition may have put them into a larger picture. */
  readonly pixels: Tensor
}

/** Latents, scaled as the UNet knows them → pixels. */
export async function decode(model: Model, latents: Tensor): Promise<Decoded> {
  const decoder = await model.decoder()
  const scale = model.checkpoint.vae.config.scalingFactor
  const scaled = { shape: latents.shape, data: latents.data.map((value) => value / scale) }
  const part = (cells: Tensor): Promise<Record<string, Tensor>> => decoder.run({ latents: cells })
  const { pixels } = model.economy.tiles
    ? await tiled(scaled, { input: 1, output: model.pixelFactor, wraps: wrapAxes(model.tiling) }, part)
    : await part(scaled)
  const { shape, data } = pixels as Tensor
  const [, , height = 0, width = 0] = shape
  const unit = data.map((value) => Math.min(1, Math.max(0, value / 2 + 0.5)))
  if (unit.some(Number.isNaN))
    throw new PigmentError('image-nan', 'The picture contains NaN. Try another sampler, fewer adapters, or smaller weights.', {})
  const rgb = new Uint8Array(width * height * 3)
  const plane = width * height
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) rgb[i * 3 + c] = Math.round((unit[c * plane + i] ?? 0) * 255)
  return { rgb, width, height, pixels: { shape, data: unit } }
}
