// Text → picture: encode, sample with guidance, decode.
import { StackFeeds, runAdapted, type AdaptedSession } from '../runtime/networks.ts'
import { activeModules, type StackEntry } from '../adapters/stack.ts'
import { samplerByName } from '../samplers/sampler.ts'
import { PigmentError } from '../spec/error.ts'
import type { GenerateEvent, GenerateRequest } from '../spec/generate.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { dispose, type Conditioning, type Model } from './open-model.ts'

export interface Generated {
  /** Rows of RGB bytes. */
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** Pixels as the decoder gave them, scaled to 0 … 1 and clamped: (1, 3, H, W). */
  readonly pixels: Tensor
  /** Clean latents, scaled as the UNet knows them: (1, C, H/f, W/f). */
  readonly latents: Tensor
}

export interface GenerateOptions {
  readonly stack?: readonly StackEntry[]
  /** Unit normal start, (1, C, H/f, W/f), in place of the seed's own. */
  readonly noise?: Tensor
  readonly signal?: AbortSignal
  /** Sees the clean latents as each step believes them; `decode` makes a preview of them. Sampling waits for it. */
  readonly afterStep?: (step: number, steps: number, denoised: Tensor) => Promise<void>
}

/** Makes one picture. Same request, same bytes. Throws `size-invalid`, `sampler-unknown`, `noise-shape`, `cancelled`. */
export async function* generate(
  model: Model,
  request: GenerateRequest,
  options: GenerateOptions = {},
): AsyncGenerator<GenerateEvent, Generated> {
  const { stack = [], signal } = options
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
  const { inChannels } = model.checkpoint.unet.config
  const shape = [1, inChannels, height / factor, width / factor]
  const noise = options.noise?.data ?? randomStream(request.seed, 'noise', 0).normal(elementCount(shape))
  if (noise.length !== elementCount(shape))
    throw new PigmentError(
      'noise-shape',
      `The noise has shape [${options.noise?.shape.join(', ')}]; a ${width}×${height} picture of this model needs [${shape.join(', ')}].`,
      {
        expected: shape,
      },
    )

  const folded = request.mode === 'folded' ? await model.folded(stack) : undefined
  try {
    const feeds = new StackFeeds(folded ? [] : stack)
    const guided = request.cfg !== 1
    const conditioning = await model.encodePrompts(guided ? [request.negative, request.prompt] : [request.prompt], {
      feeds,
      texts: folded?.texts,
      emphasis: request.emphasis,
    })
    const unet = folded?.unet ?? (await model.unet(stack))
    const denoise = guidedModel(unet, feeds, zeroEmpty(model, request, conditioning), shape, { cfg: request.cfg, width, height })
    const sampler = samplerByName(request.sampler)
    const steps = sampler.sample({
      schedule: model.schedule,
      steps: request.steps,
      noise,
      model: denoise,
      stepNoise: (step) => randomStream(request.seed, 'step', step).normal(noise.length),
      ...(signal ? { signal } : {}),
    })
    const started = performance.now()
    let result = await steps.next()
    while (!result.done) {
      const { step, steps: total, denoised } = result.value
      yield { type: 'step', step: step + 1, steps: total, rate: ((step + 1) * 1000) / (performance.now() - started) }
      await options.afterStep?.(step + 1, total, { shape, data: denoised })
      if (signal?.aborted) throw new PigmentError('cancelled', `Stopped at step ${step + 1} of ${total}.`, { step: step + 1 })
      result = await steps.next()
    }
    const latents = { shape, data: result.value }
    return { ...(await decode(model, latents)), latents }
  } finally {
    if (folded) for (const held of [folded.unet, ...folded.texts]) await dispose(held)
  }
}

/** Latents, scaled as the UNet knows them → pixels. */
export async function decode(model: Model, latents: Tensor): Promise<Omit<Generated, 'latents'>> {
  const decoder = await model.decoder()
  const scale = model.checkpoint.vae.config.scalingFactor
  const { pixels } = await decoder.run({ latents: { shape: latents.shape, data: latents.data.map((value) => value / scale) } })
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

interface Guidance {
  readonly cfg: number
  readonly width: number
  readonly height: number
}

/** ε = ε₋ + g (ε₊ − ε₋), both rows in one run, the negative first. */
function guidedModel(
  unet: AdaptedSession,
  feeds: StackFeeds,
  { context, pooled }: Conditioning,
  shape: readonly number[],
  { cfg, width, height }: Guidance,
) {
  const rows = context.shape[0] ?? 1
  const size = elementCount(shape)
  const timeIds = Float32Array.from({ length: rows * 6 }, (_, i) => [height, width, 0, 0, height, width][i % 6] ?? 0)
  return async (x: Float32Array, timestep: number): Promise<Float32Array> => {
    const sample = new Float32Array(rows * size)
    for (let n = 0; n < rows; n++) sample.set(x, n * size)
    const { out } = await runAdapted(
      unet,
      {
        sample: { shape: [rows, ...shape.slice(1)], data: sample },
        timestep: { shape: [rows], data: new Float32Array(rows).fill(timestep) },
        context,
        ...(pooled ? { pooled, time_ids: { shape: [rows, 6], data: timeIds } } : {}),
      },
      feeds,
    )
    const { data } = out as Tensor
    if (rows === 1) return data
    const mixed = new Float32Array(size)
    for (let i = 0; i < size; i++) mixed[i] = (data[i] ?? 0) + cfg * ((data[size + i] ?? 0) - (data[i] ?? 0))
    return mixed
  }
}

/**
 * SDXL was trained with zeros for an absent text: diffusers (`force_zeros_for_empty_prompt`) and A1111 (`force_zero_negative_prompt` in
 * sd_models_xl.py) feed zeros where the negative prompt is empty. ComfyUI's nodes encode the empty text.
 */
function zeroEmpty(model: Model, request: GenerateRequest, conditioning: Conditioning): Conditioning {
  if (!model.checkpoint.emptyIsZero || request.emphasis === 'comfyui' || request.negative !== '' || conditioning.context.shape[0] === 1)
    return conditioning
  const blank = (tensor: Tensor): Tensor => ({ shape: tensor.shape, data: tensor.data.slice().fill(0, 0, tensor.data.length / 2) })
  return { context: blank(conditioning.context), ...(conditioning.pooled ? { pooled: blank(conditioning.pooled) } : {}) }
}
