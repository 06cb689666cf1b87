// Classifier-free guidance: the prompt's prediction, pushed away from that of the negative prompt; towards the prompt and the adapters apart if asked to.
import { acts, type StackEntry } from '../adapters/stack.ts'
import { withoutTriggers } from '../adapters/triggers.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from '../sessions/networks.ts'
import type { SamplerInput } from '../samplers/run.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { encodeTogether } from './encode-together.ts'
import type { Conditioning } from '../models/conditioning.ts'
import type { Family } from '../checkpoint/config.ts'
import type { PictureSizes } from '../models/denoiser.ts'
import { familyCalled } from '../models/family-called.ts'
import { dispose, type Model } from '../sessions/open-model.ts'

/** Rows that one UNet predicts in one run. */
export interface Branch {
  readonly family: Family
  readonly unet: AdaptedSession
  readonly feeds: StackFeeds
  readonly conditioning: Conditioning
}

/** Latents (pictures, C, h, w) of these sides, in pixels. */
export interface Frame {
  readonly shape: readonly number[]
  readonly width: number
  readonly height: number
}

/** What guidance needs to know of a request. */
export type GuidedRequest = Pick<
  GenerateRequest,
  'prompt' | 'negative' | 'steps' | 'cfg' | 'adapterGuidance' | 'guidanceStop' | 'emphasis' | 'mode'
>

/** What predicts under a stack: text encoders of its own only where it is folded in. */
interface StackNetworks extends Omit<Branch, 'conditioning' | 'family'> {
  readonly texts?: readonly AdaptedSession[]
}

/**
 * The passes of a step. Usually one branch of two rows, the negative prompt and the prompt, or one row without guidance. Where adapters are guided
 * apart, the model alone makes these, of the prompt without their trigger words, and a second branch of one row is the prompt's under the stack. After
 * the guided steps one row is left, the prompt's under the stack.
 */
export class Guidance implements AsyncDisposable {
  readonly branches: readonly Branch[]
  readonly #request: GuidedRequest
  readonly #folded: readonly AdaptedSession[]

  private constructor(branches: readonly Branch[], request: GuidedRequest, folded: readonly AdaptedSession[]) {
    this.branches = branches
    this.#request = request
    this.#folded = folded
  }

  /**
   * Encodes the prompts and gets the networks ready. Dispose of it: folded networks are its own. Several prompts in place of the request's are those
   * of pictures that lie one behind the other in every vector.
   */
  static async prepare(
    model: Model,
    request: GuidedRequest,
    stack: readonly StackEntry[],
    prompts: readonly string[] = [request.prompt],
  ): Promise<Guidance> {
    const folded: AdaptedSession[] = []
    // Stacked, one session serves the model alone and under the stack, whatever convolutions it opens.
    const alone = async (): Promise<StackNetworks> => {
      return { unet: await model.unet(request.mode === 'folded' ? [] : stack), feeds: new StackFeeds([]) }
    }
    const adapted = async (): Promise<StackNetworks> => {
      if (request.mode !== 'folded') return { unet: await model.unet(stack), feeds: new StackFeeds(stack) }
      const { unet, texts } = await model.folded(stack)
      folded.push(unet, ...texts)
      return { unet, texts, feeds: new StackFeeds([]) }
    }
    const branch = async ({ texts, ...networks }: StackNetworks, pictures: readonly (readonly string[])[]): Promise<Branch> => {
      const options = { feeds: networks.feeds, texts, emphasis: request.emphasis }
      const conditioning = await encodeTogether(model, pictures, options, (one) => zeroEmpty(model, request, one))
      return { ...networks, family: model.checkpoint.family, conditioning }
    }
    const both = (prompt: string): string[] => (request.cfg === 1 ? [prompt] : [request.negative, prompt])
    try {
      const apart = request.adapterGuidance !== 0 && stack.some(acts)
      const branches = apart
        ? [
            await branch(
              await alone(),
              prompts.map((prompt) => both(withoutTriggers(prompt, stack))),
            ),
            await branch(
              await adapted(),
              prompts.map((prompt) => [prompt]),
            ),
          ]
        : [await branch(await adapted(), prompts.map(both))]
      return new Guidance(branches, request, folded)
    } catch (error) {
      await disposeAll(folded)
      throw error
    }
  }

  /**
   * ε = ε₋ + g (ε₊ − ε₋), in the model's own prediction type; with adapters guided apart, ε₋ and ε₊ of the model alone, + s (ε_adapters − ε₊), as
   * InstructPix2Pix guides by picture and text (Brooks et al. 2023, arXiv 2211.09800, equation 3). ComfyUI's DualCFGGuider (style "regular", its cfg_conds being s) makes the same sum.
   * Guidance over a part of the way: Kynkäänniemi et al. 2024, arXiv 2404.07724; which steps it takes, as diffusers' guiders count them with `stop`.
   */
  predictor(frame: Frame): SamplerInput['model'] {
    const { cfg, adapterGuidance, guidanceStop, steps } = this.#request
    const [usual, adapted] = this.branches
    if (!usual) return (x) => Promise.resolve(x)
    const last = adapted ?? promptsOf(usual, frame.shape[0] ?? 1)
    const guidedSteps = Math.floor(guidanceStop * steps)
    return async (x, timestep, step) => {
      if (step >= guidedSteps) return (await predict(last, frame, x, timestep))[0] ?? x
      const [first = x, second] = await predict(usual, frame, x, timestep)
      const guided = second ? first.map((negative, i) => negative + cfg * ((second[i] ?? 0) - negative)) : first
      if (!adapted) return guided
      const alone = second ?? first
      const [under = alone] = await predict(adapted, frame, x, timestep)
      return guided.map((value, i) => value + adapterGuidance * ((under[i] ?? 0) - (alone[i] ?? 0)))
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disposeAll(this.#folded)
  }
}

async function disposeAll(sessions: readonly AdaptedSession[]): Promise<void> {
  for (const session of sessions) await dispose(session)
}

/** The last rows alone, one a picture. */
function promptsOf({ conditioning: { context, pooled }, ...networks }: Branch, pictures: number): Branch {
  const rows = ({ shape: [, ...row], data }: Tensor): Tensor => ({
    shape: [pictures, ...row],
    data: data.slice(-pictures * elementCount(row)),
  })
  return { ...networks, conditioning: { context: rows(context), ...(pooled ? { pooled: rows(pooled) } : {}) } }
}

/** The raw output for each prompt of a branch, of all pictures. */
async function predict(
  { family, unet, feeds, conditioning }: Branch,
  { shape, width, height }: Frame,
  x: Float32Array,
  timestep: number,
): Promise<Float32Array[]> {
  const rows = conditioning.context.shape[0] ?? 1
  const size = elementCount(shape)
  const passes = rows / (shape[0] ?? 1)
  const sample = new Float32Array(passes * size)
  for (let n = 0; n < passes; n++) sample.set(x, n * size)
  const sizes = { original: { width, height }, drawn: { width, height } }
  const { out } = await runAdapted(
    unet,
    {
      sample: { shape: [rows, ...shape.slice(1)], data: sample },
      timestep: { shape: [rows], data: new Float32Array(rows).fill(timestep) },
      ...familyCalled(family).denoiser.feeds(
        conditioning,
        Array.from({ length: rows }, (): PictureSizes => sizes),
      ),
    },
    feeds,
  )
  const { data } = out as Tensor
  return Array.from({ length: passes }, (_, n) => data.subarray(n * size, (n + 1) * size))
}

/**
 * Where a model was trained with zeros for an absent text, diffusers (`force_zeros_for_empty_prompt`) and A1111 (`force_zero_negative_prompt` in
 * sd_models_xl.py) feed zeros where the negative prompt is empty. ComfyUI's nodes encode the empty text.
 */
function zeroEmpty({ checkpoint }: Model, { emphasis, negative }: GuidedRequest, conditioning: Conditioning): Conditioning {
  if (!checkpoint.emptyIsZero || emphasis === 'comfyui' || negative !== '' || conditioning.context.shape[0] === 1) return conditioning
  const blank = (tensor: Tensor): Tensor => ({ shape: tensor.shape, data: tensor.data.slice().fill(0, 0, tensor.data.length / 2) })
  return { context: blank(conditioning.context), ...(conditioning.pooled ? { pooled: blank(conditioning.pooled) } : {}) }
}
