// Hires fix: what was drawn is made larger, and drawn over at that size. A1111's rules (modules/processing.py, StableDiffusionProcessingTxt2Img):
// steps by its image to image, fresh noise of the same seeds.
import { z } from 'zod'
import type { Size } from '../images/model-range.ts'
import { encodePicture } from '../sessions/encode.ts'
import { decode } from '../sessions/decode.ts'
import type { Model } from '../sessions/open-model.ts'
import { interpolated, type Interpolation } from '../tensor/interpolate.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { Condition, StepPlan } from './condition.ts'
import { hiresAsks, hiresChecks, hiresOwn, hiresWritten } from './hires-run.ts'
import { img2img, a1111Steps } from './img2img.ts'

const options = z.object({
  hiresScale: z.number().min(1.05).max(8).meta({
    description: 'draw the picture once more, so many times as large, over what was drawn (hires fix)',
    placeholder: 'X',
    level: 'basic',
    step: 0.05,
    written: 'Hires upscale',
  }),
  hiresStrength: z.number().positive().max(1).default(0.7).meta({
    description: 'how much of the enlarged picture is drawn anew',
    placeholder: 'X',
    level: 'basic',
    step: 0.05,
    written: 'Denoising strength',
  }),
  hiresUpscaler: z
    .enum(['latent', 'latent-bicubic', 'latent-nearest', 'lanczos'])
    .default('latent')
    .meta({
      description: 'how it is made larger: its latents, which need a strength above 0.5, or its pixels by Lanczos',
      placeholder: 'NAME',
      written: 'Hires upscaler',
      spelt: {
        latent: 'Latent',
        'latent-bicubic': 'Latent (bicubic)',
        'latent-nearest': 'Latent (nearest-exact)',
        lanczos: 'Lanczos',
      },
    }),
  hiresSteps: z.int().min(0).max(1000).default(0).meta({
    description: 'steps of the larger picture, before its strength; 0: as many as of the first',
    placeholder: 'N',
    step: 1,
    written: 'Hires steps',
  }),
  ...hiresOwn,
})
type Options = z.output<typeof options>

export const hires: Condition<typeof options> = {
  name: 'hires',
  options,
  by: 'hiresScale',
  excludes: img2img,
  checks: hiresChecks,
  prompts: ['hiresPrompt', 'hiresNegative'],
  asks: hiresAsks,
  grows: sizeOf,
  written: hiresWritten,
  further: (given, steps) => taken(planOf(given, steps)),
  async prepare(_model, given, frame) {
    const size = sizeOf(given, frame, frame.height / (frame.shape[2] ?? 1))
    return Promise.resolve({
      again: {
        size,
        plan: (steps) => planOf(given, steps),
        begin: (model, latents) => enlarged(model, latents, { size, upscaler: given.hiresUpscaler }),
      },
    })
  },
}

const planOf = ({ hiresStrength, hiresSteps }: Options, steps: number): StepPlan => a1111Steps(hiresStrength, hiresSteps || steps)
const taken = ({ steps, first }: StepPlan): number => steps - first

/** Whole cells of the latents, as A1111 cuts them. */
function sizeOf({ hiresScale }: Options, { width, height }: Size, cell: number): Size {
  const side = (of: number): number => Math.floor(Math.floor(of * hiresScale) / cell) * cell
  return { width: side(width), height: side(height) }
}

const byLatents: Readonly<Record<string, Interpolation>> = { latent: 'bilinear', 'latent-bicubic': 'bicubic', 'latent-nearest': 'nearest' }

async function enlarged(
  model: Model,
  latents: Tensor,
  { size, upscaler }: { readonly size: Size; readonly upscaler: Options['hiresUpscaler'] },
): Promise<Float32Array> {
  const [pictures = 1, channels = 1, h = 1, w = 1] = latents.shape
  const mode = byLatents[upscaler]
  const { pixelFactor: factor } = model
  if (mode) return interpolated(latents.data, [h, w], [size.height / factor, size.width / factor], mode)
  const { resizePicture, toModelRange } = await import('../images/model-range.ts')
  const one = [1, channels, h, w]
  const all: number[] = []
  for (let n = 0; n < pictures; n++) {
    const count = elementCount(one)
    const { rgb, width, height } = await decode(model, { shape: one, data: latents.data.slice(n * count, (n + 1) * count) })
    const larger = await resizePicture({ width, height, data: rgb }, size)
    for (const value of (await encodePicture(model, await toModelRange(larger, size, { resized: size }), size)).mean) all.push(value)
  }
  return Float32Array.from(all)
}
