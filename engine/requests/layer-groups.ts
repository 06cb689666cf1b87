// The layers of a denoiser by what they do, as a request names them; each family says which of its layers are which.
import { PigmentError } from './error.ts'

/** Attention to itself and to the text, each by its four projections; the rest of a transformer block; what stands around the blocks. */
export const layerGroups = [
  'self-q',
  'self-k',
  'self-v',
  'self-out',
  'cross-q',
  'cross-k',
  'cross-v',
  'cross-out',
  'feed-forward',
  'projections',
  'convolutions',
  'samplers',
  'time',
] as const
export type LayerGroup = (typeof layerGroups)[number]

const attention = layerGroups.filter((name) => /^(self|cross)-/.test(name))

/** Words for several groups. */
export const layerSets: Readonly<Record<string, readonly LayerGroup[]>> = {
  self: attention.filter((name) => name.startsWith('self-')),
  cross: attention.filter((name) => name.startsWith('cross-')),
  q: ['self-q', 'cross-q'],
  k: ['self-k', 'cross-k'],
  v: ['self-v', 'cross-v'],
  out: ['self-out', 'cross-out'],
  attention,
  transformer: [...attention, 'feed-forward', 'projections'],
  all: layerGroups,
}

/** Of those some are computed as windows that slide over a picture. */
export const slidingGroups: readonly LayerGroup[] = ['convolutions', 'samplers']

/** `self-q,v,feed-forward` as groups, each once, in their order. Throws `layer-groups`. */
export function readLayerGroups(text: string): readonly LayerGroup[] {
  const words = text.split(',').map((word) => word.trim())
  const named = new Set(
    words.flatMap((word) => {
      const group = layerGroups.find((name) => name === word)
      const set = Object.hasOwn(layerSets, word) ? layerSets[word] : group && [group]
      if (set) return set
      const [groups, sets] = [layerGroups.join(', '), Object.keys(layerSets).join(', ')]
      throw new PigmentError(
        'layer-groups',
        `There is no group of layers "${word.slice(0, 40)}". There are ${groups}; and ${sets} for several of them. Separate them by commas.`,
        { got: word.slice(0, 40), groups, sets },
      )
    }),
  )
  return layerGroups.filter((name) => named.has(name))
}
