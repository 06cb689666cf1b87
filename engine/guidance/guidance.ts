// The passes of a step and what guides make of them.
import { acts, type StackEntry } from '../adapters/stack.ts'
import { stackCourse, type Composing } from '../adapters/stack-course.ts'
import { withoutTriggers } from '../adapters/triggers.ts'
import { StackFeeds, type AdaptedSession } from '../sessions/adapted-session.ts'
import type { SamplerInput } from '../samplers/run.ts'
import type { NoiseProcess } from '../processes/process.ts'
import { PigmentError } from '../requests/error.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import { predict, promptsOf, type Branch, type Drawn } from './branch.ts'
import { zeroEmpty } from './empty-negative.ts'
import { encodeTogether } from './encode-together.ts'
import type { GuidedPredictor, GuideSettings, Pass } from './guide.ts'
import { guides } from './guides/index.ts'
import type { Conditioning } from '../models/conditioning.ts'
import type { Embedding } from '../text/embedding.ts'
import type { Model } from '../sessions/open-model.ts'
import { composedRows, weighed } from './composed.ts'
import { encodeRegions } from './regional-text.ts'
import { promptPlan, type Moment, type PromptPlan } from './prompt-plan.ts'

/** What guidance needs to know of a request. */
export type GuidedRequest = GuideSettings & Composing & Pick<GenerateRequest, 'prompt' | 'negative' | 'emphasis' | 'mode' | 'clipSkip'>

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
  /** How often the model is asked for a picture: prompts change by that. Usual: once a step. */
  readonly calls?: number
  /** The model alone is looked at, whatever the stack: sees all that the network tells with every call. */
  readonly see?: Branch['see']
  /** Steps that are taken: strengths change by them. Usual: all. */
  readonly taken?: number
}

/**
 * The passes of a step. Usually one branch of two rows, the negative prompt and the prompt, or one row without guidance. Where adapters are guided
 * apart, the model alone makes these, of the prompt without their trigger words, and a second branch of one row is the prompt's under the stack. After
 * the guided steps one row is left, the prompt's under the stack.
 */
export class Guidance implements AsyncDisposable {
  /** At each moment of the prompts. */
  readonly #branches: readonly (readonly Branch[])[]
  readonly #plan: PromptPlan
  readonly #request: GuidedRequest
  readonly #process: NoiseProcess
  readonly #folded: readonly AdaptedSession[]

  private constructor(
    branches: readonly (readonly Branch[])[],
    {
      plan,
      request,
      process,
      folded,
    }: { plan: PromptPlan; request: GuidedRequest; process: NoiseProcess; folded: readonly AdaptedSession[] },
  ) {
    this.#branches = branches
    this.#plan = plan
    this.#request = request
    this.#process = process
    this.#folded = folded
  }

  /**
   * Encodes the prompts and gets the networks ready. Dispose of it: folded networks are its own.
   */
  static async prepare(
    model: Model,
    request: GuidedRequest,
    stack: readonly StackEntry[],
    { prompts = [request.prompt], embeddings = [], calls = request.steps, taken = request.steps, see }: Prompted = {},
  ): Promise<Guidance> {
    const withoutStack = embeddings.filter(({ bundled }) => !bundled)
    const folded: AdaptedSession[] = []
    const course = stackCourse(stack, taken, request)
    if (course && request.mode === 'folded') throw foldedCourse()
    // Stacked, one session serves the model alone and under the stack, whatever convolutions it opens.
    const alone = async (): Promise<StackNetworks> => {
      const open = request.mode === 'folded' ? [] : stack
      return { unet: await model.unet(open, true), feeds: new StackFeeds(open, { alone: true }), embeddings: withoutStack }
    }
    const adapted = async (): Promise<StackNetworks> => {
      if (request.mode !== 'folded') return { unet: await model.unet(stack), feeds: new StackFeeds(stack, { course }), embeddings }
      const { unet, texts } = await model.folded(stack, request.clipSkip)
      folded.push(unet, ...texts)
      return { unet, texts, feeds: new StackFeeds([]), embeddings }
    }
    const plan = promptPlan({ prompts, negative: request.negative, emphasis: request.emphasis, calls })
    /** One at each moment. */
    const branch = async (
      { texts, embeddings: called, ...networks }: StackNetworks,
      picturesAt: (moment: Moment) => readonly (readonly string[])[],
      negative: boolean,
    ): Promise<Branch[]> => {
      const options = { texts, emphasis: request.emphasis, clipSkip: request.clipSkip, embeddings: called }
      const branches: Branch[] = []
      for (const moment of plan.moments) {
        const finish = (one: Conditioning): Conditioning =>
          negative ? zeroEmpty(model, { ...request, negative: moment.negative }, one) : one
        const encode = (feeds: StackFeeds) => encodeTogether(model, picturesAt(moment), { ...options, feeds }, finish)
        const conditioning = networks.feeds.groups > 1 ? await encodeRegions(stack, encode) : await encode(networks.feeds)
        branches.push({ ...networks, family: model.checkpoint.family, conditioning, see })
      }
      return branches
    }
    // Prompts that are followed at once are summed up as they differ from the negative one.
    const alike = request.cfg === 1 && !plan.weights
    const all = (negative: string, said: readonly string[]): readonly string[] => (alike ? said : [negative, ...said])
    try {
      const apart = !see && request.adapterGuidance !== 0 && stack.some(acts)
      const branches = apart
        ? [
            await branch(
              await alone(),
              ({ negative, prompts: each }) =>
                each.map((said) =>
                  all(
                    negative,
                    said.map((prompt) => withoutTriggers(prompt, stack)),
                  ),
                ),
              !alike,
            ),
            await branch(await adapted(), ({ prompts: each }) => each, false),
          ]
        : [
            await branch(
              await (see ? alone() : adapted()),
              ({ negative, prompts: each }) => each.map((said) => all(negative, said)),
              !alike,
            ),
          ]
      return new Guidance(branches, { plan, request, process: model.process, folded })
    } catch (error) {
      await disposeAll(folded)
      throw error
    }
  }

  /** The prediction of a step under all guides. */
  predictor(frame: Drawn): SamplerInput['model'] {
    const [usual, adapted] = this.#branches
    if (!usual) return (x) => Promise.resolve(x)
    const { at, weights } = this.#plan
    // Guides of one call follow the prompts of one moment.
    let [calls, moment] = [0, 0]
    // A run that begins with a picture takes the last steps of its grid.
    let [first, taken] = [Infinity, 0]
    const of = (moments: readonly Branch[]) => (x: Float32Array, timestep: number) => {
      const branch = moments[moment]
      return branch ? predict(branch, frame, x, timestep, taken) : Promise.resolve([x])
    }
    const one = (moments: readonly Branch[]): Pass => {
      const rows = of(moments)
      return async (x, timestep) => weighed(await rows(x, timestep), weights) ?? x
    }
    const rows = of(usual)
    const plain: GuidedPredictor = async (x, timestep) => {
      const [first = x, ...said] = await rows(x, timestep)
      const prompt = composedRows(first, said, weights)
      return prompt ? { output: prompt, prompt, negative: first } : { output: first, prompt: first }
    }
    const pictures = frame.shape[0] ?? 1
    const prompts = pictures * (weights?.[0]?.length ?? 1)
    const lasting = adapted ?? usual.map((branch) => promptsOf(branch, prompts))
    const passes = { adapted: adapted && one(adapted), last: one(lasting), pictures, process: this.#process }
    const wrapped = inOrder.reduce((inner, guide) => guide.wrap(inner, this.#request, passes), plain)
    return async (x, timestep, step) => {
      moment = at(calls++)
      first = Math.min(first, step)
      taken = step - first
      return (await wrapped(x, timestep, step)).output
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disposeAll(this.#folded)
  }
}

const foldedCourse = (): PigmentError =>
  new PigmentError(
    'strength-folded',
    'Strengths that change from step to step, or from layer to layer, cannot be added into the weights beforehand. Draw with mode stacked, or give each adapter one strength for all steps and let them be summed.',
    {},
  )

const inOrder = guides.toSorted((a, b) => a.place - b.place)

async function disposeAll(sessions: readonly AdaptedSession[]): Promise<void> {
  for (const { session } of sessions) await session[Symbol.asyncDispose]()
}
