// Regions that are found, as FreeFuse finds them: the first third of the steps is drawn by the model alone; then each cell goes to the adapter whose words
// it is most like, for the whole picture, which begins again from the same noise.
import { acts, type StackEntry } from '../adapters/stack.ts'
import { triggersOf } from '../adapters/triggers.ts'
import type { Mask } from '../images/mask.ts'
import type { Size } from '../images/model-range.ts'
import { lookedAt } from '../models/unet-places.ts'
import { regionOutputs } from '../nn/regions.ts'
import { PigmentError } from '../requests/error.ts'
import type { GenerateEvent, GenerateRequest } from '../requests/generate.ts'
import { readRegion } from '../requests/regions.ts'
import type { Frame } from '../sessions/frame.ts'
import type { Model } from '../sessions/open-model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { parseAttention } from '../text/attention-weights.ts'
import type { Embedding } from '../text/embedding.ts'
import { framePrompts } from '../text/encode-prompts.ts'
import { promptPlan } from './prompt-plan.ts'
import { balancedArgmax, similarityMaps } from './region-maps.ts'
import { wordPositions } from './word-positions.ts'

/** How the model alone is run: whatever it tells is seen. */
export interface Looking {
  readonly stack: readonly StackEntry[]
  readonly see: (told: Record<string, Tensor>) => void
}

export interface Found {
  readonly stack: readonly StackEntry[]
  readonly request: Pick<GenerateRequest, 'negative' | 'steps' | 'emphasis' | 'regionFeather'>
  readonly prompt: string
  readonly embeddings?: readonly Embedding[] | undefined
  readonly frame: Frame
}

const isAuto = (entry: StackEntry): boolean =>
  entry.region !== undefined && !entry.mask && acts(entry) && readRegion(entry.region).kind === 'auto'

/** What FreeFuse looks at: 10 of 30 steps. */
const lookedShare = 1 / 3

/**
 * The stack with a mask for each region that is to be found; as it is where there is none. `run` draws, and is stopped early. Throws
 * `region-auto-alone`, `region-auto-words`, `region-auto-model`.
 */
export async function withFoundRegions(
  model: Model,
  { stack, request, prompt, embeddings = [], frame }: Found,
  run: (looking: Looking) => AsyncGenerator<GenerateEvent, unknown>,
): Promise<readonly StackEntry[]> {
  const autos = stack.filter(isAuto)
  if (autos.length === 0) return stack
  if (autos.length === 1) throw alone(autos[0] as StackEntry)
  const at = lookedAt(model.checkpoint.unet.config)
  if (!at) throw new PigmentError('region-auto-model', 'This model has no attention by which regions are found. Paint them.', {})
  const calls = Math.max(1, Math.ceil(request.steps * lookedShare))
  const positions = wordsOf(model, autos, { request, prompt, embeddings, call: calls - 1 })
  let seen: Record<string, Tensor> = {}
  const white = whole(frame)
  const running = run({ stack: stack.map((entry) => ({ ...entry, mask: white })), see: (told) => (seen = told) })
  for (let steps = 0; steps < calls;) {
    const { done, value } = await running.next()
    if (done) break
    if (value.type === 'step') steps++
  }
  await running.return(undefined)
  const [, , height = 1, width = 1] = frame.shape
  const cells = { height: Math.ceil(height / 2 ** at.level), width: Math.ceil(width / 2 ** at.level) }
  const [attention, features] = [seen[regionOutputs.attention], seen[regionOutputs.features]].map((tensor) => lastRow(tensor as Tensor))
  const owners = balancedArgmax(similarityMaps(attention as Tensor, features as Tensor, positions), cells)
  const masks = new Map<StackEntry, Mask>()
  for (const [k, entry] of autos.entries()) masks.set(entry, await maskOf(owners, k, cells, frame, request.regionFeather))
  return stack.map((entry) => {
    const mask = masks.get(entry)
    return mask ? { ...entry, mask } : entry
  })
}

const whole = ({ width, height }: Size): Mask => ({ width, height, data: new Uint8Array(width * height).fill(255) })

/** Those of the last prompt. */
function lastRow({ shape: [rows = 1, ...row], data }: Tensor): Tensor {
  const size = data.length / rows
  return { shape: row, data: data.subarray((rows - 1) * size) }
}

/** The cells of one adapter at the size of the picture. */
async function maskOf(owners: Uint8Array, k: number, cells: Size, { width, height }: Size, feather: number): Promise<Mask> {
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * cells.height) / height) * cells.width + Math.floor((x * cells.width) / width)
      data[y * width + x] = owners[cell] === k ? 255 : 0
    }
  const { feathered } = await import('../images/inpaint.ts')
  return await feathered({ width, height, data }, feather)
}

interface Said extends Pick<Found, 'request' | 'prompt'> {
  readonly embeddings: readonly Embedding[]
  /** The call of the model after which is looked. */
  readonly call: number
}

/** Where the words of each adapter stand among the tokens of the prompt. */
function wordsOf(model: Model, autos: readonly StackEntry[], { request, prompt, embeddings, call }: Said): number[][] {
  const plan = promptPlan({ prompts: [prompt], negative: request.negative, emphasis: request.emphasis, calls: request.steps })
  const text = plan.moments[plan.at(call)]?.prompts[0]?.at(-1) ?? prompt
  const [encoder] = model.checkpoint.textEncoders
  if (!encoder) return []
  const framing = { emphasis: request.emphasis, embeddings, encoder: '' }
  const { ids } = framePrompts(model.tokenizer, encoder.config, [parseAttention(text, request.emphasis)], framing)
  return autos.map(({ adapter, region = '', triggers }) => {
    const { words } = readRegion(region) as { readonly words?: string }
    const phrases = words === undefined ? (triggers ?? triggersOf(adapter.metadata)) : [words]
    const found = wordPositions(model.tokenizer, Array.from(ids, Number), phrases)
    if (found.length > 0) return found
    throw new PigmentError(
      'region-auto-words',
      `The region of "${adapter.name}" is found by its words, and the prompt has none of them (${phrases.join(', ') || 'none are known'}). Write them into the prompt, or name words of it: auto:WORDS.`,
      { name: adapter.name, words: phrases },
    )
  })
}

function alone({ adapter: { name } }: StackEntry): PigmentError {
  const sentence = `Regions that are found share the picture out among adapters, and "${name}" is the only one with such a region. Give another adapter the region auto too, or "${name}" a box or a mask.`
  return new PigmentError('region-auto-alone', sentence, { name })
}
