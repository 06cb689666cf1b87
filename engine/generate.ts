// Text → picture: encode, sample with guidance, decode.
import type { StackEntry } from './adapters/stack.ts'
import { chosenSampler, sampleWith } from './samplers/sampler-options.ts'
import type { SamplerInput } from './samplers/run.ts'
import { PigmentError } from './requests/error.ts'
import type { GenerateEvent, GenerateRequest } from './requests/generate.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, type Tensor } from './tensor/tensor.ts'
import { Guidance } from './guidance/guidance.ts'
import { decode, type Decoded } from './sessions/decode.ts'
import { frameOf } from './sessions/frame.ts'
import { syntaxWarnings } from './text/prompt-syntax.ts'
import type { Model } from './sessions/open-model.ts'
import { stepClock } from './runtime/step-clock.ts'

export interface Generated extends Decoded {
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
