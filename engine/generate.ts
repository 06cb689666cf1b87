// Text → picture: encode, sample with guidance, decode.
import { checkCourses } from './adapters/stack-course.ts'
import type { StackEntry } from './adapters/stack.ts'
import { conditionsAgain, checkSampling, furtherAsked, lastSize, prepareConditions, stepPlan, type Brought } from './conditions/chosen.ts'
import type { Prepared, StepPlan } from './conditions/condition.ts'
import { chosenSampling, sampleWith } from './samplers/sampler-options.ts'
import { pictureNoise } from './samplers/picture-noise.ts'
import type { SamplerInput } from './samplers/run.ts'
import { PigmentError } from './requests/error.ts'
import type { GenerateEvent, GenerateRequest } from './requests/generate.ts'
import type { Size } from './images/model-range.ts'
import type { Picture } from './images/picture.ts'
import { elementCount, type Tensor } from './tensor/tensor.ts'
import { Guidance } from './guidance/guidance.ts'
import { withFoundRegions, type Looking } from './guidance/auto-regions.ts'
import { withMasks } from './guidance/regions.ts'
import { decode, type Decoded } from './sessions/decode.ts'
import { frameOf } from './sessions/frame.ts'
import { refuseBeyondMemory } from './sessions/least-memory.ts'
import { allMasked } from './sessions/masked-input.ts'
import type { Embedding } from './text/embedding.ts'
import { callableEmbeddings } from './embeddings/callable.ts'
import { syntaxWarnings } from './text/prompt-syntax.ts'
import type { Model } from './sessions/open-model.ts'
import { stepClock } from './runtime/step-clock.ts'

export interface Generated extends Decoded {
  /** Clean latents, scaled as the UNet knows them: (1, C, H/f, W/f). */
  readonly latents: Tensor
}

export interface GenerateOptions {
  readonly stack?: readonly StackEntry[]
  /** What prompts may call beside the embeddings that come with the stack's adapters. */
  readonly embeddings?: readonly Embedding[]
  /** Unit normal start, (1, C, H/f, W/f), in place of the seed's own. */
  readonly noise?: Tensor
  readonly signal?: AbortSignal
  /**
   * Sees the clean latents as each step believes them; `decode` makes a preview of them, and `finish` the picture that would be had of that by now.
   * Sampling waits for it.
   */
  readonly afterStep?: (step: number, steps: number, denoised: Tensor, finish: Prepared['finish'] & {}) => Promise<void>
}

/** Makes one picture. Same request, same bytes. Throws `size-invalid`, those of `chosenSampling`, `noise-shape`, `cancelled`. */
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
  options: Pick<GenerateOptions, 'stack' | 'embeddings' | 'signal'> = {},
): AsyncGenerator<GenerateEvent, Generated[]> {
  return draw(model, request, pictures, options)
}

/** Where a run goes on from one before. */
interface Begun {
  readonly plan: StepPlan
  /** Clean latents of all pictures. */
  readonly latents: Float32Array
  /** Steps that were taken. */
  readonly before: number
  /** It follows other texts than the run before. */
  readonly reworded: boolean
}

/** With its edges as they are to meet; whoever comes next finds the model as it was. */
async function* draw(...[model, request, ...rest]: Parameters<typeof drawAll>): ReturnType<typeof drawAll> {
  model.tiling = request.tiling
  try {
    return yield* drawAll(model, request, ...rest)
  } finally {
    model.tiling = 'none'
  }
}

async function* drawAll(
  model: Model,
  request: Omit<GenerateRequest, 'prompt' | 'seed'>,
  pictures: readonly PictureOf[],
  given: GenerateOptions,
): AsyncGenerator<GenerateEvent, Generated[]> {
  if (pictures.length === 0) return []
  checkSampling(request, request.conditions)
  refuseBeyondMemory(model, lastSize(sizeOf(frameOf(model, request)), request.conditions, model.pixelFactor))
  let asked = request
  const frame = frameOf(model, request)
  const told = await withMasks(given.stack ?? [], sizeOf(frame), request)
  const [first] = pictures as [PictureOf, ...PictureOf[]]
  const found = { stack: told, request, prompt: first.prompt, embeddings: given.embeddings, frame }
  // Of pictures that are drawn together, the first says where.
  const stack = await withFoundRegions(model, found, (look) => sampled(model, request, [first], { ...given, ...look }))
  const options = { ...given, stack }
  let run = yield* sampled(model, asked, pictures, options)
  while (run.again) {
    const { size, plan, begin } = run.again
    const { prompt, ...further } = furtherAsked(asked, asked.conditions)
    const reworded = prompt !== undefined || further.negative !== undefined
    const begun = { plan: plan(asked.steps), latents: await begin(model, run.latents), before: run.taken, reworded }
    asked = { ...asked, ...further, ...size, steps: begun.plan.steps, conditions: conditionsAgain(asked.conditions) }
    const said = prompt === undefined ? pictures : pictures.map(({ seed }) => ({ seed, prompt }))
    run = yield* sampled(model, asked, said, { ...options, noise: undefined }, begun)
  }
  const { latents: all, finish } = run
  const shape = [1, ...all.shape.slice(1)]
  const size = elementCount(shape)
  const drawn: Generated[] = []
  for (let n = 0; n < pictures.length; n++) {
    const latents = { shape, data: all.data.slice(n * size, (n + 1) * size) }
    drawn.push({ ...(await finished(await decode(model, latents), finish)), latents })
  }
  if (model.economy.alone) await model.release('decoder')
  return drawn
}

const sizeOf = ({ width, height }: Size): Size => ({ width, height })

interface Sampled extends Pick<Brought, 'finish' | 'again'> {
  /** Clean, of all pictures: (pictures, C, h, w). */
  readonly latents: Tensor
  /** Steps until here, those of runs before with them. */
  readonly taken: number
}

/** One run of the sampler. */
async function* sampled(
  model: Model,
  request: Omit<GenerateRequest, 'prompt' | 'seed'>,
  pictures: readonly PictureOf[],
  { stack = [], signal, see, ...options }: Omit<GenerateOptions, 'noise'> & { readonly noise?: Tensor | undefined } & Partial<Looking>,
  begun?: Begun,
): AsyncGenerator<GenerateEvent, Sampled> {
  const { sampler, schedule } = chosenSampling(request)
  const plan = begun?.plan ?? stepPlan(request)
  const { width, height, shape: one } = frameOf(model, request)
  const shape = [pictures.length, ...one.slice(1)]
  const size = elementCount(one)
  const noise = pictureNoise(
    pictures.map(({ seed }) => seed),
    one,
    request,
    options.noise,
  )
  const prompts = pictures.map(({ prompt }) => prompt)
  const embeddings = yield* callableEmbeddings(model.checkpoint, options.embeddings, stack)
  if (!begun) checkCourses(stack, plan.steps - plan.first, request)
  if (!begun || begun.reworded) yield* syntaxWarnings(request, prompts, embeddings)

  const conditions = await prepareConditions(model, request.conditions, { width, height, shape: one })
  const beside = conditions.beside ?? (await allMasked(model, { width, height }))
  await using guidance = await Guidance.prepare(model, { ...request, steps: plan.steps, prompt: prompts[0] ?? '' }, stack, {
    prompts,
    embeddings,
    // As A1111 counts: of a run that begins with a picture, too, all steps that were asked for.
    calls: request.steps * (sampler.twice ? 2 : 1),
    taken: plan.steps - plan.first,
    see,
  })
  const latents = begun?.latents ?? (conditions.start && eachBegun(conditions.start, noise.start, size))
  if (model.economy.alone) await model.release('text_encoder', 'text_encoder_2', 'encoder')
  const input: SamplerInput = {
    process: model.process,
    steps: plan.steps,
    noise: noise.start,
    model: conditions.wrap(guidance.predictor({ shape, width, height, beside })),
    clean: conditions.clean,
    ...(latents ? { startAt: { step: plan.first, latents } } : {}),
    stepNoise: (step) => noise.step(step),
    pathNoise: noise.path,
    ...(signal ? { signal } : {}),
  }
  const steps = sampleWith(sampler, input, request.samplerOptions, { schedule, options: request.scheduleOptions })
  const clock = stepClock(plan.steps - plan.first)
  let result = await steps.next()
  // A schedule may have more or fewer steps than were asked for.
  const [first, count] = result.done ? [0, 0] : [result.value.step, result.value.steps]
  const [before, further] = [begun?.before ?? 0, conditions.again?.plan(request.steps)]
  const taken = before + count - first
  const all = taken + (further ? further.steps - further.first : 0)
  while (!result.done) {
    const step = before + result.value.step - first + 1
    yield { type: 'step', step, steps: all, rate: clock().rate }
    await options.afterStep?.(step, all, { shape, data: result.value.denoised }, conditions.finish)
    if (signal?.aborted) throw new PigmentError('cancelled', `Stopped at step ${step} of ${all}.`, { step })
    result = await steps.next()
  }
  if (model.economy.alone) await model.release('unet')
  // Some samplers end with a little noise (DDIM without `set_alpha_to_one`).
  const data = conditions.clean(result.value)
  const { finish, again } = conditions
  return { latents: { shape, data }, taken, finish, ...(again ? { again } : {}) }
}

/** What each picture begins with, by its own noise. */
function eachBegun(start: (noise: Float32Array) => Float32Array, noise: Float32Array, size: number): Float32Array {
  const all = new Float32Array(noise.length)
  for (let at = 0; at < noise.length; at += size) all.set(start(noise.subarray(at, at + size)), at)
  return all
}

/** A picture as conditions leave it; the decoder's own numbers stay those of what was drawn. */
async function finished({ rgb, width, height, pixels }: Decoded, finish: (drawn: Picture) => Promise<Picture>): Promise<Decoded> {
  const { data, ...size } = await finish({ width, height, data: rgb })
  return { ...size, rgb: data, pixels }
}
