import { stat } from 'node:fs/promises'
import { crossAttentionWidth } from '../../../engine/adapter-formats/family-hint.ts'
import { openAdapter } from '../../../engine/adapter-formats/read.ts'
import { openSafetensors } from '../../../engine/files/safetensors.ts'
import type { RankBlock } from '../../../engine/requests/rank-blocks.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AdapterCheck } from '../../api/methods/library.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { sampledContent } from '../adapter-content.ts'
import { kindWords } from '../inspect/subject.ts'
import { inspect, type Inspected } from './inspect.ts'

export interface AdapterFacts {
  /** How it is used: on the layers of a model, or as words of a prompt. */
  readonly kind: 'adapter' | 'embedding'
  readonly format: string
  readonly family: string
  readonly base: string
  /** Of the text that its cross-attention hears; 0 where it changes none. */
  readonly width: number
  readonly layers: number
  /** Positions of a prompt that an embedding takes. */
  readonly vectors?: number
  readonly layersByNetwork: Readonly<Record<string, number>>
  readonly ranks: readonly number[]
  readonly triggers: readonly string[]
  readonly title: string
  readonly metadata: readonly (readonly [string, string])[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
  /** How many layers each variant has, and how many of them are folded into the weights. Where the tensors were read. */
  readonly variants?: Readonly<Record<string, number>>
  readonly folded?: number
  readonly alphas?: readonly number[]
  /** Rank by layer, where they differ and the tensors were read. */
  readonly rankBlocks?: readonly RankBlock[]
  /** How it was read: what told format and family, how scales were told, how layers act, how tensors are stored. */
  readonly read?: AdapterCheck['read']
  /** Digest of what it holds (`sampledContent`). */
  readonly content: string
}

type Found = Extract<Inspected, { readonly kind: 'embedding' }>

async function embeddingFacts({ path, family, fits: base, triggers, vectors, metadata }: Found): Promise<AdapterFacts> {
  return {
    kind: 'embedding',
    vectors,
    format: 'Textual inversion',
    family,
    base,
    width: 0,
    layers: 0,
    layersByNetwork: {},
    ranks: [],
    triggers,
    title: titleOf(metadata),
    metadata: inOrder(metadata),
    leftOut: [],
    content: await sampledContent([await openSafetensors(path)]),
  }
}

const inOrder = (metadata: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))

const longestTitle = 120

export const titleOf = (metadata: Readonly<Record<string, string>>): string =>
  (metadata['modelspec.title'] ?? metadata.ss_output_name ?? '').slice(0, longestTitle)

/** An adapter read whole, on the named model or on the one that fits most of it. Throws `adapter-unknown-format` for anything else. */
export async function inspectAdapter(
  { path, model }: { path: string; model?: string },
  context: Pick<OperationContext, 'signal'>,
): Promise<AdapterFacts> {
  // A folder without an adapter is not looked at as one of pictures.
  if ((await stat(path).catch(() => undefined))?.isDirectory()) await openAdapter(path)
  const found = await inspect({ file: path, model }, context)
  if (found.kind === 'embedding') return embeddingFacts(found)
  if (found.kind !== 'adapter')
    throw new PigmentError('adapter-unknown-format', `"${path}" is ${kindWords[found.kind]}, not an adapter. Choose a LoRA file.`, {
      path,
      kind: found.kind,
    })
  const { format = '', family, fits: base, layers, layersByNetwork = {}, ranks, triggers, metadata, leftOutReasons = [] } = found
  const {
    variants,
    folded = 0,
    alphas,
    formatBecause = '',
    familyBecause = '',
    scales = {},
    acts = {},
    types = {},
    leftOutKeys = {},
    rankBlocks,
  } = found
  const { files } = await openAdapter(path)
  return {
    kind: 'adapter',
    format,
    family,
    base,
    width: files.flatMap((file) => crossAttentionWidth(file) ?? [])[0] ?? 0,
    layers,
    layersByNetwork,
    ranks,
    triggers,
    title: titleOf(metadata),
    metadata: inOrder(metadata),
    leftOut: leftOutReasons.map((reason) => ({ key: '', reason })),
    ...(rankBlocks ? { rankBlocks } : {}),
    ...(variants ? { variants, folded, alphas, read: { formatBecause, familyBecause, scales, acts, types, leftOutKeys } } : {}),
    content: await sampledContent(files),
  }
}
