// What the training step hears of each caption: states of frozen text encoders, made once, and tokens for those that learn.
import { textComponent } from '../adapter-formats/base-networks.ts'
import type { ClipTextConfig } from '../checkpoint/config.ts'
import type { Conditioning } from '../models/conditioning.ts'
import { familyCalled } from '../models/family-called.ts'
import type { Feed } from '../runtime/session.ts'
import type { Model } from '../sessions/open-model.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { parseAttention } from '../text/attention-weights.ts'
import type { Embedding } from '../text/embedding.ts'
import { chunksNeeded, framePrompts } from '../text/encode-prompts.ts'
import { placesInput } from './text-states.ts'
import { nameIn, type TrainedNetwork } from './trained-networks.ts'

export interface Caption {
  /** What the denoiser is fed with. */
  readonly conditioning: Partial<Conditioning>
  /** Further inputs of the step, one row of each. */
  readonly feeds: Readonly<Record<string, Feed>>
}

/** Frames that the longest caption takes of any text encoder. */
export const chunksOf = ({ checkpoint, tokenizer }: Model, captions: readonly string[], embeddings: readonly Embedding[] = []): number =>
  Math.max(...checkpoint.textEncoders.map(({ config }) => chunksNeeded(tokenizer, config, captions, embeddings)))

/** Reads captions for a run that trains `networks`, each in so many chunks. `embeddings`: what stands in them for vectors that learn. */
export function captionReader(
  model: Model,
  networks: readonly TrainedNetwork[],
  chunks: number,
  embeddings: readonly Embedding[] = [],
): (caption: string) => Promise<Caption> {
  const { textEncoders, family } = model.checkpoint
  const rules = familyCalled(family).textEncoders
  const encoders = textEncoders.map(({ config }, i) => {
    const component = textComponent(i)
    const network = networks.find((one) => one.component === component)
    const framing = { embeddings, encoder: rules[i]?.inAdapters.comfyui ?? '', vectors: network?.vectors }
    return { config, component, learns: network !== undefined, makesPooled: rules[i]?.pooled ?? false, ...framing }
  })
  const encode = (caption: string): Promise<Conditioning> => model.encodePrompts([caption], { minChunks: chunks })
  if (!encoders.some(({ learns }) => learns)) return async (caption) => ({ conditioning: await encode(caption), feeds: {} })
  const frozen = encoders.some(({ learns }) => !learns)
  return async (caption) => {
    const states = frozen ? await encode(caption) : undefined
    const feeds: Record<string, Feed> = {}
    let [from, poolsHere] = [0, false]
    for (const { config, component, learns, makesPooled, ...framing } of encoders) {
      if (learns) Object.assign(feeds, tokens(model, config, { component, caption, chunks, makesPooled, ...framing }))
      else if (states) feeds[nameIn({ component }, 'context')] = columns(states.context, from, from + config.width)
      from += config.width
      poolsHere ||= makesPooled && learns
    }
    return { conditioning: states?.pooled && !poolsHere ? { pooled: states.pooled } : {}, feeds }
  }
}

/** Rows of several captions, one below the other. */
export function captionFeeds(captions: readonly Caption[]): {
  readonly conditioning: Partial<Conditioning>
  readonly feeds: Caption['feeds']
} {
  const [first] = captions
  const conditioning: { context?: Tensor; pooled?: Tensor } = {}
  for (const name of ['context', 'pooled'] as const)
    if (first?.conditioning[name]) conditioning[name] = stackRows(captions.map((one) => one.conditioning[name] as Tensor)) as Tensor
  const feeds = Object.keys(first?.feeds ?? {}).map((name) => [name, stackRows(captions.map((one) => one.feeds[name] as Feed))] as const)
  return { conditioning, feeds: Object.fromEntries(feeds) }
}

interface TokensOf {
  readonly component: TrainedNetwork['component']
  readonly caption: string
  readonly chunks: number
  readonly makesPooled: boolean
  readonly embeddings: readonly Embedding[]
  readonly encoder: string
  /** That learn. */
  readonly vectors: number | undefined
}

/** Captions are read without emphasis, as frozen encoders read them. */
function tokens({ tokenizer }: Model, config: ClipTextConfig, of: TokensOf): Record<string, Feed> {
  const { component, caption, chunks, makesPooled, embeddings, encoder, vectors } = of
  const framing = { emphasis: 'none', minChunks: chunks, embeddings, encoder } as const
  const { ids, endOfText, inserted } = framePrompts(tokenizer, config, [parseAttention(caption, 'none')], framing)
  const shape = [1, chunks * config.positions]
  const all: Record<string, Feed> = {
    ids: { shape, data: ids },
    ...(makesPooled ? { end_of_text: { shape: [...shape, 1], data: endOfText } } : {}),
    ...(vectors === undefined ? {} : { [placesInput]: { shape: [...shape, vectors], data: places(inserted.rows, vectors) } }),
  }
  return Object.fromEntries(Object.entries(all).map(([name, feed]) => [nameIn({ component }, name), feed]))
}

/** Row r of a table of vectors, whose row 0 is nobody's, at each position → (T, R), 1 where it stands. */
function places(rows: BigInt64Array, vectors: number): Float32Array {
  const placed = new Float32Array(rows.length * vectors)
  for (const [position, row] of rows.entries()) if (row > 0n) placed[position * vectors + Number(row) - 1] = 1
  return placed
}

/** Columns of (1, T, D). */
function columns({ shape: [, rows = 0, width = 0], data }: Tensor, from: number, to: number): Tensor {
  const own = new Float32Array(rows * (to - from))
  for (let row = 0; row < rows; row++) own.set(data.subarray(row * width + from, row * width + to), row * (to - from))
  return { shape: [1, rows, to - from], data: own }
}

/** (1, …) each → (N, …). */
function stackRows(rows: readonly Feed[]): Feed {
  const [first] = rows as readonly [Feed]
  const shape = [rows.length, ...first.shape.slice(1)]
  const data = first.data instanceof Float32Array ? new Float32Array(elementCount(shape)) : new BigInt64Array(elementCount(shape))
  rows.forEach((row, i) => data.set(row.data as never, i * first.data.length))
  return { shape, data } as Feed
}
