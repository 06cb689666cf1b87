// A merge's layers by the block of the network that they stand in.
import type { MergedLayerReport } from '../../../engine/requests/merge.ts'

export interface BlockReport {
  readonly block: string
  readonly layers: number
  /** The largest of its layers. */
  readonly rank: number
  /** As of a layer, of all of the block together. */
  readonly error: number
}

/** `unet.down_blocks.0`, `text_encoder`: in the order in which they stand. */
export function byBlock(layers: readonly MergedLayerReport[]): BlockReport[] {
  const groups = new Map<string, MergedLayerReport[]>()
  for (const layer of layers) groups.set(blockOf(layer.layer), [...(groups.get(blockOf(layer.layer)) ?? []), layer])
  return [...groups].map(([block, own]) => {
    const sum = own.reduce((all, { sumNorm }) => all + sumNorm ** 2, 0)
    const off = own.reduce((all, { error, sumNorm }) => all + (error * sumNorm) ** 2, 0)
    return {
      block,
      layers: own.length,
      rank: Math.max(...own.map(({ rank }) => rank)),
      error: sum > 0 ? Math.sqrt(off / sum) : 0,
    }
  })
}

const blockOf = (layer: string): string => /^unet\.(?:(?:down|up)_blocks\.\d+|[^.]+)|^[^.]+/.exec(layer)?.[0] ?? layer
