// What an adapter says that was made into a plain LoRA: no longer the words of its old kind, and how near to that it is.
import type { Adapter } from '../adapters/adapter.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import type { MergeReport } from '../requests/merge.ts'
import type { AsLoraOptions } from './as-lora.ts'

/** Errors below this are what fp32 leaves. */
const none = 1e-6
const rounded = (value: number): number => Number(value.toPrecision(3))

/** `before` is the adapter as it was. */
export function convertedMetadata(
  before: Pick<Adapter, 'metadata' | 'modules'>,
  { error, byLayer, leastRank, largestRank, leftOut }: MergeReport,
  { rank, energy, extraRank }: Pick<AsLoraOptions, 'rank' | 'energy' | 'extraRank'>,
): Record<string, string> {
  const { ss_network_args: _args, ...kept } = before.metadata
  const ranks = leastRank === largestRank ? String(largestRank) : 'Dynamic'
  const told = {
    from: [...new Set(before.modules.map(({ variant }) => variantCalled(variant).title))],
    rank,
    energy,
    extraRank,
    error: rounded(error),
    byLayer: Object.fromEntries(byLayer.flatMap((layer) => (layer.error > none ? [[layer.layer, rounded(layer.error)]] : []))),
    leftOut: leftOut.length,
  }
  return {
    ...kept,
    ss_network_module: 'networks.lora',
    ss_network_dim: ranks,
    ss_network_alpha: ranks,
    'pigment.converted': JSON.stringify(told),
  }
}
