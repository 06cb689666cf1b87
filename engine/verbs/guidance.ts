// Classifier-free guidance: the prompt's prediction, pushed away from that of the negative prompt.
import { activeModules, type StackEntry } from '../adapters/stack.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from '../runtime/networks.ts'
import type { SamplerInput } from '../samplers/sampler.ts'
import type { GenerateRequest } from '../spec/generate.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { dispose, type Conditioning, type Model } from './open-model.ts'

/** Rows that one UNet predicts in one run. */
export interface Branch {
  readonly unet: AdaptedSession
  readonly feeds: StackFeeds
  readonly conditioning: Conditioning
}

/** Latents (1, C, h, w) of a picture of these sides, in pixels. */
export interface Frame {
  readonly shape: readonly number[]
  readonly width: number
  readonly height: number
}

/** What guidance needs to know of a request. */
export type GuidedRequest = Pick<GenerateRequest, 'prompt' | 'negative' | 'cfg' | 'negativeWeight' | 'emphasis' | 'mode'>

type FoldedNetworks = Awaited<ReturnType<Model['folded']>>

/** What predicts under a stack: encoders of its own only where it is folded in. */
interface StackNetworks extends Omit<Branch, 'conditioning'> {
  readonly texts?: FoldedNetworks['texts']
}

/** Both passes: one branch of two rows, or two of one where the negative pass has a stack of its own; without guidance one row. */
export class Guidance implements AsyncDisposable {
  readonly branches: readonly Branch[]
  readonly cfg: number
  readonly #folded: readonly FoldedNetworks[]

  private constructor(branches: readonly Branch[], cfg: number, folded: readonly FoldedNetworks[]) {
    this.branches = branches
    this.cfg = cfg
    this.#folded = folded
  }

  /** Encodes the prompts and gets the networks ready. Dispose of it: folded networks are its own. */
  static async prepare(model: Model, request: GuidedRequest, stack: readonly StackEntry[]): Promise<Guidance> {
    const folded: FoldedNetworks[] = []
    const networks = async (of: readonly StackEntry[]): Promise<StackNetworks> => {
      // The session of the whole stack serves both, whatever convolutions it opens.
      if (request.mode !== 'folded') return { unet: await model.unet(stack), feeds: new StackFeeds(of) }
      const made = await model.folded(of)
      folded.push(made)
      return { ...made, feeds: new StackFeeds([]) }
    }
    const prompts = request.cfg === 1 ? [request.prompt] : [request.negative, request.prompt]
    const encode = async ({ feeds, texts }: StackNetworks): Promise<Conditioning> =>
      zeroEmpty(model, request, await model.encodePrompts(prompts, { feeds, texts, emphasis: request.emphasis }))
    try {
      const whole = await networks(stack)
      const conditioning = await encode(whole)
      const weaker = negativeStack(stack, request)
      if (!weaker) return new Guidance([{ ...whole, conditioning }], request.cfg, folded)
      const negative = await networks(weaker)
      // Both prompts again, so that they have as many chunks of tokens as beside each other.
      const own = actsOnText(stack) ? await encode(negative) : conditioning
      const branches = [
        { ...negative, conditioning: rowOf(own, 0) },
        { ...whole, conditioning: rowOf(conditioning, 1) },
      ]
      return new Guidance(branches, request.cfg, folded)
    } catch (error) {
      await disposeAll(folded)
      throw error
    }
  }

  /** ε = ε₋ + g (ε₊ − ε₋), in the model's own prediction type. */
  predictor(frame: Frame): SamplerInput['model'] {
    return async (x, timestep) => {
      const rows: Float32Array[] = []
      for (const branch of this.branches) rows.push(...(await predict(branch, frame, x, timestep)))
      const [first = x, second] = rows
      return second ? first.map((negative, i) => negative + this.cfg * ((second[i] ?? 0) - negative)) : first
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disposeAll(this.#folded)
  }
}

async function disposeAll(folded: readonly FoldedNetworks[]): Promise<void> {
  for (const { unet, texts } of folded) for (const held of [unet, ...texts]) await dispose(held)
}

/**
 * The stack of the negative pass where it differs from the prompt's, as ComfyUI makes one with LoRA hooks on the two conditionings. With weaker
 * adapters there, guidance pushes towards their style as it does towards the prompt; compare guiding by a worse model (Karras et al. 2024,
 * arXiv 2406.02507).
 */
function negativeStack(stack: readonly StackEntry[], { cfg, negativeWeight }: GuidedRequest): readonly StackEntry[] | undefined {
  if (cfg === 1 || negativeWeight === 1 || !stack.some(({ enabled, weight }) => enabled && weight !== 0)) return undefined
  return stack.map((entry) => ({ ...entry, weight: entry.weight * negativeWeight }))
}

const actsOnText = (stack: readonly StackEntry[]): boolean =>
  activeModules(stack, 'text_encoder').size > 0 || activeModules(stack, 'text_encoder_2').size > 0

/** The raw output of each row of a branch. */
async function predict(
  { unet, feeds, conditioning: { context, pooled } }: Branch,
  { shape, width, height }: Frame,
  x: Float32Array,
  timestep: number,
): Promise<Float32Array[]> {
  const rows = context.shape[0] ?? 1
  const size = elementCount(shape)
  const sample = new Float32Array(rows * size)
  for (let n = 0; n < rows; n++) sample.set(x, n * size)
  const timeIds = Float32Array.from({ length: rows * 6 }, (_, i) => [height, width, 0, 0, height, width][i % 6] ?? 0)
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
  return Array.from({ length: rows }, (_, n) => data.subarray(n * size, (n + 1) * size))
}

/** One row of a conditioning. */
function rowOf({ context, pooled }: Conditioning, row: number): Conditioning {
  const one = ({ shape: [rows = 1, ...rest], data }: Tensor): Tensor => {
    const size = data.length / rows
    return { shape: [1, ...rest], data: data.slice(row * size, (row + 1) * size) }
  }
  return { context: one(context), ...(pooled ? { pooled: one(pooled) } : {}) }
}

/**
 * SDXL was trained with zeros for an absent text: diffusers (`force_zeros_for_empty_prompt`) and A1111 (`force_zero_negative_prompt` in
 * sd_models_xl.py) feed zeros where the negative prompt is empty. ComfyUI's nodes encode the empty text.
 */
function zeroEmpty({ checkpoint }: Model, { emphasis, negative }: GuidedRequest, conditioning: Conditioning): Conditioning {
  if (!checkpoint.emptyIsZero || emphasis === 'comfyui' || negative !== '' || conditioning.context.shape[0] === 1) return conditioning
  const blank = (tensor: Tensor): Tensor => ({ shape: tensor.shape, data: tensor.data.slice().fill(0, 0, tensor.data.length / 2) })
  return { context: blank(conditioning.context), ...(conditioning.pooled ? { pooled: blank(conditioning.pooled) } : {}) }
}
