// Merging in the fake studio: the real methods, and figures as of two adapters of rank 16.
import type { MergePreview } from '../../../main/api/methods/merging.ts'
import { mergeCards } from '../../../main/studio/merging.ts'
import { fakeCard } from './adapter-cards.ts'
import { fakeJobs } from './jobs.ts'
import type { Handlers } from './handlers.ts'

const falling = (count: number): number[] => Array.from({ length: count }, (_, i) => 1.8 * 0.86 ** i)

function previewOf(method = 'linear', count = 2, rank = 16 * count): MergePreview {
  const title = mergeCards.methods.find(({ name }) => name === method)?.title ?? method
  const blocks = ['down_blocks.0', 'down_blocks.1', 'mid_block', 'up_blocks.0', 'up_blocks.1']
  const byLayer = blocks.flatMap((block, b) =>
    ['to_q', 'to_k', 'to_v', 'to_out.0'].map((name, i) => ({
      layer: `unet.${block}.attentions.0.transformer_blocks.0.attn2.${name}`,
      adapters: i === 3 ? 1 : count,
      rank,
      error: 0.02 * (1 + b) + 0.01 * i,
      energy: 0.99 - 0.01 * b,
      norm: 1.2 + 0.2 * i,
      sumNorm: 1.25 + 0.2 * i,
      spectrum: falling(32),
    })),
  )
  const from = ['black-ink', 'comic-outline'].map((name) => ({ name, hash: '0a1b2c3d4e5f', weight: 1, layers: 20 }))
  return {
    method,
    title,
    layers: byLayer.length,
    sharedLayers: byLayer.filter(({ adapters }) => adapters > 1).length,
    leastRank: rank,
    largestRank: rank,
    error: 0.064,
    energy: 0.97,
    norm: 6.4,
    sumNorm: 6.6,
    byLayer,
    summed: 0,
    leftOut: [],
    base: 'pigment-embedded',
    from,
  }
}

export const fakeMerging: Handlers<'merging'> = {
  methods: () => mergeCards,
  preview: ({ method, sources, rank }) => previewOf(method, sources.length, rank),
  pictures: () => fakeJobs[2] as (typeof fakeJobs)[number],
  bake: ({ method, sources, rank, out }) => ({ out, bytes: 2_100_000_000, report: previewOf(method, sources.length, rank) }),
  save: ({ method, sources, rank, title }) => ({
    adapter: { ...fakeCard, id: 'merged', name: title, title, source: 'imported' },
    report: previewOf(method, sources.length, rank),
  }),
}
