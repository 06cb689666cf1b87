// The passes of a step and what guides make of them.
import { acts, type StackEntry } from '../adapters/stack.ts'
import { withoutTriggers } from '../adapters/triggers.ts'
import { StackFeeds, type AdaptedSession } from '../sessions/adapted-session.ts'
import type { SamplerInput } from '../samplers/run.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import { predict, promptsOf, type Branch } from './branch.ts'
import { zeroEmpty } from './empty-negative.ts'
import { encodeTogether } from './encode-together.ts'
import type { Frame } from '../sessions/frame.ts'
import type { GuidedPredictor, Pass } from './guide.ts'
import { guides } from './guides/index.ts'
import type { Embedding } from '../text/embedding.ts'
import type { Model } from '../sessions/open-model.ts'

/** What guidance needs to know of a request. */
export type GuidedRequest = Pick<
  GenerateRequest,
  'prompt' | 'negative' | 'steps' | 'cfg' | 'adapterGuidance' | 'guidanceStop' | 'emphasis' | 'mode'
>

/** What predicts under a stack: text encoders of its own only where it is folded in. */
interface StackNetworks extends Omit<Branch, 'conditioning' | 'family'> {
  readonly texts?: readonly AdaptedSession[]
  readonly embeddings: readonly Embedding[]
}

/** What is encoded. */
export interface Prompted {
  /** In place of the request's: those of pictures that lie one behind the other in every vector. */
  readonly prompts?: readonly string[]
  /** What they and the negative prompt may call; each fits the model. */
  readonly embeddings?: readonly Embedding[]
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
   * Encodes the prompts and gets the networks ready. Dispose of it: folded networks are its own.
   */
  static async prepare(
    model: Model,
    request: GuidedRequest,
    stack: readonly StackEntry[],
    { prompts = [request.prompt], embeddings = [] }: Prompted = {},
  ): Promise<Guidance> {
    const withoutStack = embeddings.filter(({ bundled }) => !bundled)
    const folded: AdaptedSession[] = []
    // Stacked, one session serves the model alone and under the stack, whatever convolutions it opens.
    const alone = async (): Promise<StackNetworks> => {
      const open = request.mode === 'folded' ? [] : stack
      return { unet: await model.unet(open, true), feeds: new StackFeeds(open, { alone: true }), embeddings: withoutStack }
    }
    const adapted = async (): Promise<StackNetworks> => {
      if (request.mode !== 'folded') return { unet: await model.unet(stack), feeds: new StackFeeds(stack), embeddings }
      const { unet, texts } = await model.folded(stack)
      folded.push(unet, ...texts)
      return { unet, texts, feeds: new StackFeeds([]), embeddings }
    }
    const branch = async (
      { texts, embeddings: called, ...networks }: StackNetworks,
      pictures: readonly (readonly string[])[],
    ): Promise<Branch> => {
      const options = { feeds: networks.feeds, texts, emphasis: request.emphasis, embeddings: called }
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

  /** The prediction of a step under all guides. */
  predictor(frame: Frame): SamplerInput['model'] {
    const [usual, adapted] = this.branches
    if (!usual) return (x) => Promise.resolve(x)
    const of = (branch: Branch) => (x: Float32Array, timestep: number) => predict(branch, frame, x, timestep)
    const one = (branch: Branch): Pass => {
      const rows = of(branch)
      return async (x, timestep) => (await rows(x, timestep))[0] ?? x
    }
    const rows = of(usual)
    const plain: GuidedPredictor = async (x, timestep) => {
      const [first = x, second] = await rows(x, timestep)
      return second ? { output: second, prompt: second, negative: first } : { output: first, prompt: first }
    }
    const passes = { adapted: adapted && one(adapted), last: one(adapted ?? promptsOf(usual, frame.shape[0] ?? 1)) }
    const wrapped = inOrder.reduce((inner, guide) => guide.wrap(inner, this.#request, passes), plain)
    return async (x, timestep, step) => (await wrapped(x, timestep, step)).output
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disposeAll(this.#folded)
  }
}

const inOrder = guides.toSorted((a, b) => a.place - b.place)

async function disposeAll(sessions: readonly AdaptedSession[]): Promise<void> {
  for (const { session } of sessions) await session[Symbol.asyncDispose]()
}
