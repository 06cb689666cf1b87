// Text → picture: encode, sample with guidance, decode.
import type { StackEntry } from './adapters/stack.ts'
import { chosenSampler, sampleWith } from './samplers/sampler-options.ts'
import type { SamplerInput } from './samplers/run.ts'
import { PigmentError } from './requests/error.ts'
import type { GenerateEvent, GenerateRequest } from './requests/generate.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, type Tensor } from './tensor/tensor.ts'
import { Guidance, type Frame } from './guidance/guidance.ts'
import { unsupportedSyntax } from './text/prompt-syntax.ts'
import type { Model } from './sessions/open-model.ts'
import { stepClock } from './runtime/step-clock.ts'

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

/** Makes one picture. Same request, same bytes. Throws `size-invalid`, `sampler-unknown`, `sampler-option-unknown`, `sampler-option-invalid`, `noise-shape`, `cancelled`. */
export async function* generate(
  model: Model,
  request: GenerateRequest,
  options: GenerateOptions = {},
): AsyncGenerator<GenerateEvent, Generated> {
  const [picture] = yield* draw(model, request, [request], options)
  return picture as Generated
}

/** What sets pictures apart that are drawn together. */
export type PictureOf = Pick<GenerateRequest, 'prompt' | 'seed'>

/**
 * Makes several pictures of one request in the same runs, each of its own prompt and seed: what a run costs besides its rows is then paid once. They are
 * those that `generate` makes of the longest of these prompts, but for last bits that the runtime sums in another order.
 */
export function generateTogether(
  model: Model,
  request: Omit<GenerateRequest, 'prompt' | 'seed'>,
  pictures: readonly PictureOf[],
  options: Pick<GenerateOptions, 'stack' | 'signal'> = {},
): AsyncGenerator<GenerateEvent, Generated[]> {
  return draw(model, request, pictures, options)
}

async function* draw(
  model: Model,
  request: Omit<GenerateRequest, 'prompt' | 'seed'>,
  pictures: readonly PictureOf[],
  { stack = [], signal, ...options }: GenerateOptions,
): AsyncGenerator<GenerateEvent, Generated[]> {
  const [picture] = pictures
  if (!picture) return []
  const sampler = chosenSampler(request)
  const { width, height, shape: one } = frameOf(model, request)
  const shape = [pictures.length, ...one.slice(1)]
  const size = elementCount(one)
  const noiseOf = (name: string, index: number): Float32Array => {
    const all = new Float32Array(elementCount(shape))
    pictures.forEach(({ seed }, n) => all.set(randomStream(seed, name, index).normal(size), n * size))
    return all
  }
  const noise = options.noise?.data ?? noiseOf('noise', 0)
  if (noise.length !== elementCount(shape))
    throw new PigmentError(
      'noise-shape',
      `The noise has shape [${options.noise?.shape.join(', ')}]; a ${width}×${height} picture of this model needs [${shape.join(', ')}].`,
      {
        expected: shape,
      },
    )
  const prompts = pictures.map(({ prompt }) => prompt)
  yield* syntaxWarnings(request, prompts)

  await using guidance = await Guidance.prepare(model, { ...request, prompt: picture.prompt }, stack, prompts)
  const input: SamplerInput = {
    process: model.process,
    steps: request.steps,
    noise,
    model: guidance.predictor({ shape, width, height }),
    stepNoise: (step) => noiseOf('step', step),
    ...(signal ? { signal } : {}),
  }
  const steps = sampleWith(sampler, input, request.samplerOptions)
  const clock = stepClock(request.steps)
  let result = await steps.next()
  while (!result.done) {
    const { step, steps: total, denoised } = result.value
    yield { type: 'step', step: step + 1, steps: total, rate: clock().rate }
    await options.afterStep?.(step + 1, total, { shape, data: denoised })
    if (signal?.aborted) throw new PigmentError('cancelled', `Stopped at step ${step + 1} of ${total}.`, { step: step + 1 })
    result = await steps.next()
  }
  const drawn: Generated[] = []
  for (let n = 0; n < pictures.length; n++) {
    const latents = { shape: one, data: result.value.slice(n * size, (n + 1) * size) }
    drawn.push({ ...(await decode(model, latents)), latents })
  }
  return drawn
}

/** The latents of one picture. Throws `size-invalid`. */
function frameOf(model: Model, request: Pick<GenerateRequest, 'width' | 'height'>): Frame {
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
  return { width, height, shape: [1, model.checkpoint.unet.config.inChannels, height / factor, width / factor] }
}

function* syntaxWarnings(
  { negative, emphasis }: Pick<GenerateRequest, 'negative' | 'emphasis'>,
  prompts: readonly string[],
): Generator<GenerateEvent> {
  const texts = { prompt: prompts, negative: [negative] } as const
  for (const where of ['prompt', 'negative'] as const) {
    const found = [...new Set(texts[where].flatMap((text) => unsupportedSyntax(text, emphasis)))]
    const message = `The ${where === 'prompt' ? 'prompt' : 'negative prompt'} has what is not understood here and counts as plain words: ${found.join(' · ')}`
    if (found.length > 0) yield { type: 'warning', code: 'prompt-syntax', message, facts: { where, found } }
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
