// Where an adapter has its ranks: AdaLoRA, ranks by block and merges give some layers more than others.
import { z } from 'zod'
import { blockNames } from '../requests/block-weights.ts'
import type { RankBlock } from '../requests/rank-blocks.ts'
import type { Adapter, AdapterModule, Component } from './adapter.ts'
import { moduleRank } from './variants/variant.ts'

interface RankBase {
  /** The block of strengths that a layer belongs to, if to any. */
  readonly blockOf: (component: Component, path: string) => string | undefined
  /** Whether the base model has the layer: metadata may name any. */
  readonly has: (component: Component, path: string) => boolean
}

/**
 * Ranks by layer, block by block in the order of `blockNames`. A layer's rank is that of its tensors, or less where `pigment.ranks` says so: an adapter
 * in AdaLoRA's form keeps its pruned components as zeros, and a layer that lost all of them is not in the file. Empty where all ranks are the same.
 */
export function rankBlocks({ modules, metadata }: Pick<Adapter, 'modules' | 'metadata'>, { blockOf, has }: RankBase): RankBlock[] {
  const told = ranksTold(metadata['pigment.ranks'])
  const ranks = new Map<string, number>()
  for (const module of modules) {
    const [rank, layer] = [moduleRank(module), layerName(module)]
    if (rank !== undefined) ranks.set(layer, Math.min(rank, told[layer] ?? rank))
  }
  for (const [layer, rank] of Object.entries(told)) {
    const { component, path } = layerParts(layer)
    if (rank === 0 && !ranks.has(layer) && has(component, path)) ranks.set(layer, 0)
  }
  if (new Set(ranks.values()).size < 2) return []

  const blocks = new Map<string, Record<string, number>>([...blockNames, ''].map((block) => [block, {}]))
  for (const [layer, rank] of ranks) {
    const { component, path } = layerParts(layer)
    const block = blocks.get(blockOf(component, path) ?? '')
    if (block) block[layer] = rank
  }
  return [...blocks].flatMap(([block, own]) => (Object.keys(own).length > 0 ? [{ block, ranks: own }] : []))
}

const layerName = ({ component, path }: Pick<AdapterModule, 'component' | 'path'>): string =>
  component === 'unet' ? path : `${component}/${path}`

function layerParts(layer: string): Pick<AdapterModule, 'component' | 'path'> {
  const [, component, path] = /^(text_encoder|text_encoder_2)\/(.+)$/.exec(layer) ?? []
  return path === undefined ? { component: 'unet', path: layer } : { component: component as Component, path }
}

const list = z.record(z.string(), z.int().min(0))

/** From a stranger; anything but ranks by layer counts as none. */
function ranksTold(text: string | undefined): Readonly<Record<string, number>> {
  if (text === undefined || text.length > 1_000_000) return {}
  try {
    return list.safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {}
  }
}
