// Text encoders inside the training step: what the UNet hears of captions, computed from their tokens where an encoder learns, and fed where it does
// not. N batch, C chunks of a caption, T tokens of a chunk, D width, P width of the pooled text.
import { textComponent } from '../adapter-formats/base-networks.ts'
import type { Checkpoint, ClipTextConfig } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import { concat, reshape, slice } from '../graph/math.ts'
import { buildClipText, placedVectors } from '../models/clip-text.ts'
import { familyCalled } from '../models/family-called.ts'
import { heardText } from '../models/heard-text.ts'
import { Parameters, type ParameterOptions } from '../nn/parameters.ts'
import { nameIn, type TrainedNetwork } from './trained-networks.ts'

interface TextOptions {
  readonly networks: readonly TrainedNetwork[]
  /** Of the longest caption. */
  readonly chunks: number
  readonly recompute: boolean
  readonly parameters: (network: TrainedNetwork) => ParameterOptions
}

export interface TextStates {
  /** (N, C·T, D) and (N, P), as the denoiser calls them; empty where all encoders are frozen. */
  readonly heard: Readonly<Record<string, Value>>
  /** The same of the first rows, as the encoders were before they learnt. */
  readonly before: (rows: Value) => Readonly<Record<string, Value>>
  readonly built: readonly Parameters[]
  /** Vectors of the trigger word that learn, (R, D) for each encoder. */
  readonly vectors: readonly Value[]
}

/** Of the vectors of a trigger word in an encoder: the trainable, and where in a text each of them stands. */
export const [vectorsInput, placesInput] = ['trigger/vectors', 'trigger/places'] as const

/**
 * Inputs of an encoder that learns: `<component>/ids` int64 (N, C·T), and `<component>/end_of_text` (N, C·T, 1) where the pooled text is made of it;
 * with vectors of a trigger word these (R, D), and where they stand, (N, C·T, R);
 * of one that does not, beside one that does: `<component>/context` (N, C·T, D).
 */
export function textStates(
  graph: Graph,
  { family, textEncoders }: Pick<Checkpoint, 'family' | 'textEncoders'>,
  { networks, chunks, recompute, parameters }: TextOptions,
): TextStates {
  const learning = textEncoders.map((_, i) => networks.find(({ component }) => component === textComponent(i)))
  if (learning.every((network) => network === undefined)) return noTexts
  const encoders = textEncoders.map((encoder, i): Encoder => {
    const [network, makesPooled] = [learning[i], familyCalled(family).textEncoders[i]?.pooled ?? false]
    const { config, weights } = heardText(encoder, makesPooled)
    const { positions, width } = config
    const name = (of: string): string => nameIn({ component: textComponent(i) }, of)
    if (!network) return { config, fed: graph.input(name('context'), 'float32', ['N', chunks * positions, width]) }
    const ids = graph.input(name('ids'), 'int64', ['N', chunks * positions])
    const ends = makesPooled ? graph.input(name('end_of_text'), 'float32', ['N', chunks * positions, 1]) : undefined
    const vectors = network.vectors === undefined ? undefined : graph.input(name(vectorsInput), 'float32', [network.vectors, width])
    const places = vectors && graph.input(name(placesInput), 'float32', ['N', chunks * positions, network.vectors ?? 0])
    return { config, learns: { p: new Parameters(graph, weights, parameters(network)), ids, ends, vectors, places } }
  })
  const own = encoders.flatMap(({ learns }) => learns ?? [])
  return {
    heard: states(encoders, { chunks, recompute }),
    before: (rows) => {
      const first = (x: Value): Value => slice(x, 0, 0, rows)
      const cut = encoders.map(({ config, fed, learns }): Encoder => {
        if (!learns) return { config, fed: fed && first(fed) }
        return { config, learns: { p: learns.p.untouched(), ids: first(learns.ids), ends: learns.ends && first(learns.ends) } }
      })
      return states(cut, { chunks, recompute: false })
    },
    built: own.map(({ p }) => p),
    vectors: own.flatMap(({ vectors }) => vectors ?? []),
  }
}

export const noTexts: TextStates = { heard: {}, before: () => ({}), built: [], vectors: [] }

interface Encoder {
  readonly config: ClipTextConfig
  /** (N, C·T, D), of one that does not learn. */
  readonly fed?: Value | undefined
  readonly learns?: {
    readonly p: Parameters
    readonly ids: Value
    readonly ends: Value | undefined
    readonly vectors?: Value | undefined
    readonly places?: Value | undefined
  }
}

function states(encoders: readonly Encoder[], { chunks, recompute }: Pick<TextOptions, 'chunks' | 'recompute'>): Record<string, Value> {
  const heard: Record<string, Value> = {}
  const contexts = encoders.map(({ config, fed, learns }) => {
    if (!learns) return fed as Value
    const { positions, width, projection = 0 } = config
    const ends = learns.ends && reshape(learns.ends, [-1, positions, 1])
    const { vectors, places } = learns
    const instead = vectors && places && placedVectors(reshape(places, [-1, positions, vectors.dim(0) as number]), vectors)
    const options = { recompute, ...(instead ? { instead } : {}) }
    const { context, pooled } = buildClipText(learns.p, config, reshape(learns.ids, [-1, positions]), ends, options)
    // Of the first chunk alone, as prompts are encoded.
    if (pooled) heard.pooled = slice(reshape(pooled, [-1, chunks * projection]), 1, 0, projection)
    return reshape(context, [-1, chunks * positions, width])
  })
  heard.context = contexts.length > 1 ? concat(contexts, -1) : (contexts[0] as Value)
  return heard
}
