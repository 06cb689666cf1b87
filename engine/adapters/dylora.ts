// Valipour et al. 2022, "DyLoRA" (arXiv 2210.07558): a pair whose first n rows and columns are an adapter of their own, for each n that was trained.
import { PigmentError } from '../requests/error.ts'
import type { Adapter, AdapterModule } from './adapter.ts'
import { rankOf, type LowRank } from './low-rank.ts'
import { lora, loraModule, pairOf } from './variants/lora.ts'

/** How strong n rows of R act in place of all: by α/n as in the paper, by α/√(R·n) as in sd-scripts, or by α/R as all do. */
export type SliceScale = 'rank' | 'root' | 'constant'

export interface DyLora {
  /** Slices have multiples of this many rows. */
  readonly unit: number
  readonly scale: SliceScale
}

/** Metadata of the file of such a training. */
export const dyLoraKey = 'pigment.dylora'

/** What the scale α/R of all rows is multiplied by where n act. */
export const sliceFactor = (scale: SliceScale, n: number, rank: number): number =>
  scale === 'rank' ? rank / n : scale === 'root' ? Math.sqrt(rank / n) : 1

/** The first n rows and columns, with the alpha at which α/n is the scale that they were trained with. */
export function slicedPair({ down, up, alpha }: LowRank, n: number, scale: SliceScale): LowRank {
  const rank = rankOf({ down })
  const [, ...window] = down.shape
  const [outputs = 0, , ...ones] = up.shape
  const b = Float32Array.from({ length: outputs * n }, (_, i) => up.data[Math.floor(i / n) * rank + (i % n)] ?? 0)
  return {
    down: { shape: [n, ...window], data: down.data.slice(0, (n * down.data.length) / rank) },
    up: { shape: [outputs, n, ...ones], data: b },
    alpha: ((alpha * n) / rank) * sliceFactor(scale, n, rank),
  }
}

/** What the metadata tells of such a training; nothing where the file is of another. */
export function dyLoraOf({ metadata }: Pick<Adapter, 'metadata'>): DyLora | undefined {
  const text = metadata[dyLoraKey]
  if (text === undefined) return undefined
  try {
    const { unit, scale } = JSON.parse(text) as Partial<DyLora>
    const known = scale === 'rank' || scale === 'root' || scale === 'constant'
    return Number.isInteger(unit) && (unit ?? 0) > 0 && known ? { unit: unit as number, scale } : undefined
  } catch {
    return undefined
  }
}

/**
 * How many times as strong a DyLoRA of LyCORIS was trained at its full rank as its file says: in training it divides alpha by blocks, and the file is read
 * as alpha / rows. 1 for any other file. Reference: lycoris modules/dylora.py.
 */
export function lycorisBlock({ metadata }: Pick<Adapter, 'metadata'>): number {
  if (!metadata.ss_network_module?.startsWith('lycoris')) return 1
  try {
    const told = JSON.parse(metadata.ss_network_args ?? '{}') as Readonly<Record<string, unknown>>
    if (String(told.algo).toLowerCase() !== 'dylora') return 1
    const block = Number(told.block_size ?? 4)
    return Number.isInteger(block) && block > 0 ? block : 4
  } catch {
    return 1
  }
}

/** The adapter as it was trained at a rank. Throws `slice-not-dylora`, `slice-rank`. */
export function sliceOf(adapter: Adapter, rank: number): Adapter {
  const dyLora = dyLoraOf(adapter)
  const other = adapter.modules.find(({ variant }) => variant !== lora.name)
  if (!dyLora || other)
    throw new PigmentError(
      'slice-not-dylora',
      `"${adapter.name}" was not trained as DyLoRA here, so that its first rows are no adapter of their own. Bring it to a lower rank with \`resize\`.`,
      { name: adapter.name },
    )
  const ranks = adapter.modules.map((module) => rankOf(pairOf(module)))
  const largest = Math.max(...ranks)
  if (rank % dyLora.unit !== 0 || rank < 1 || rank > largest)
    throw new PigmentError(
      'slice-rank',
      `"${adapter.name}" was trained at the multiples of ${dyLora.unit} up to ${largest}, and ${rank} is none of them. Choose one of these.`,
      { name: adapter.name, rank, unit: dyLora.unit, largest },
    )
  const modules = adapter.modules.map((module): AdapterModule => {
    const pair = pairOf(module)
    return loraModule(module, slicedPair(pair, Math.min(rank, rankOf(pair)), dyLora.scale))
  })
  const alphas = new Set(modules.map(({ alpha }) => alpha))
  const metadata = { ...adapter.metadata, ss_network_dim: String(rank), ss_network_alpha: String(Math.max(...alphas)) }
  return { ...adapter, modules, metadata }
}
