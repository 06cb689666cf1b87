// What a network for inpainting sees beside the latents: the mask, and the latents of the picture without what is masked.
import type { Mask } from '../images/mask.ts'
import type { Size } from '../images/model-range.ts'
import { takesMask } from '../models/masked-input.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { encodePicture } from './encode.ts'
import type { Model } from './open-model.ts'

export interface MaskedPicture {
  /** In model range, (3, height, width). */
  readonly pixels: Float32Array
  /** Of the same size; masked is what is 128 at least. */
  readonly mask: Mask
  /** How much of what is masked is hidden: 1 hides it behind mid-grey (A1111's `inpainting_mask_weight`). */
  readonly weight: number
}

/** (1 + C, h, w): 1 where a cell is masked, by the pixel in its corner, and the latents of the masked picture. Reference: diffusers' `prepare_mask_latents`. */
export async function maskedInput(model: Model, { pixels, mask, weight }: MaskedPicture): Promise<Float32Array> {
  const { width, height, data } = mask
  const hidden = data.map((value) => (value >= 128 ? 1 : 0))
  const shown = pixels.map((value, i) => value * (1 - weight * (hidden[i % hidden.length] ?? 0)))
  const { mean } = await encodePicture(model, shown, { width, height })
  const factor = model.pixelFactor
  const [h, w] = [height / factor, width / factor]
  const cells = Float32Array.from({ length: h * w }, (_, i) => hidden[Math.floor(i / w) * factor * width + (i % w) * factor] ?? 0)
  const both = new Float32Array(cells.length + mean.length)
  both.set(cells)
  both.set(mean, cells.length)
  return both
}

/** The same where nothing is given: all is masked, behind mid-grey. Of a network that takes no mask, nothing. As A1111 draws from a prompt alone. */
export async function allMasked(model: Model, { width, height }: Size): Promise<Float32Array | undefined> {
  if (!takesMask(model.checkpoint.unet.config)) return undefined
  const plane = width * height
  const mask = { width, height, data: new Uint8Array(plane).fill(255) }
  return maskedInput(model, { pixels: new Float32Array(3 * plane), mask, weight: 1 })
}

/** As an input of the network, the same for so many rows of (C, h, w). */
export function besideRows(beside: Float32Array | undefined, rows: number, [, , h = 0, w = 0]: readonly number[]): Record<string, Tensor> {
  if (!beside) return {}
  const data = new Float32Array(rows * beside.length)
  for (let row = 0; row < rows; row++) data.set(beside, row * beside.length)
  return { beside: { shape: [rows, beside.length / (h * w), h, w], data } }
}
