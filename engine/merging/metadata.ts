// What a merged adapter says of itself: how it was made, of which files and with which strengths; names and hashes, and no place on a disk.
import type { Adapter } from '../adapters/adapter.ts'
import { triggersOf } from '../adapters/triggers.ts'
import type { Family, Prediction } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import type { MergeReport, MergeRequest } from '../requests/merge.ts'
import type { Strength } from '../requests/strength.ts'

export interface MergedFrom extends Strength {
  readonly adapter: Adapter
  /** A1111's short hash of its file. */
  readonly hash: string
}

type Ranks = Pick<MergeReport, 'leastRank' | 'largestRank'>

/** What readers ask of a plain LoRA: kohya's keys and ModelSpec's. */
export function networkMetadata(
  title: string,
  family: Family,
  prediction: Prediction,
  { leastRank, largestRank }: Ranks,
): Record<string, string> {
  const base = familyCalled(family).metadata(prediction)
  const rank = leastRank === largestRank ? String(largestRank) : 'Dynamic'
  return {
    ss_v2: base.ss_v2 ? 'True' : 'False',
    ss_base_model_version: base.ss_base_model_version,
    ss_network_module: 'networks.lora',
    ss_network_dim: rank,
    ss_network_alpha: rank,
    ss_output_name: title,
    'modelspec.sai_model_spec': '1.0.1',
    'modelspec.architecture': `${base.architecture}/lora`,
    'modelspec.implementation': base.implementation,
    'modelspec.title': title,
    'modelspec.prediction_type': prediction === 'v_prediction' ? 'v' : 'epsilon',
  }
}

interface MadeFrom {
  readonly title: string
  readonly family: Family
  readonly from: readonly MergedFrom[]
  readonly request: Pick<MergeRequest, 'method' | 'rank' | 'energy' | 'seed'> & { readonly options: Readonly<Record<string, unknown>> }
  readonly report: Ranks & Pick<MergeReport, 'error' | 'energy'>
}

/** The hashes are of the tensors, and the writer adds them. The same request gives the same text. What was one adapter keeps what it said. */
export function mergeMetadata({ title, family, from, request, report }: MadeFrom): Record<string, string> {
  const said = from.map(({ adapter }) => adapter.metadata)
  const prediction = said.some((one) => one['modelspec.prediction_type'] === 'v') ? 'v_prediction' : 'epsilon'
  const words = [...new Set(said.flatMap(triggersOf))]
  const sources = from.map(({ adapter, hash, weight, textWeight, blocks }) => ({ name: adapter.name, hash, weight, textWeight, blocks }))
  const alike = (key: string): string | undefined => (new Set(said.map((one) => one[key])).size === 1 ? said[0]?.[key] : undefined)
  const fields: Record<string, string | undefined> = {
    ...(said.length === 1 ? said[0] : {}),
    ss_network_args: undefined,
    ...networkMetadata(title, family, prediction, report),
    'modelspec.merged_from': from.map(({ adapter }) => adapter.name).join(', '),
    'modelspec.resolution': alike('modelspec.resolution'),
    'modelspec.author': alike('modelspec.author'),
    'modelspec.license': alike('modelspec.license'),
    'modelspec.trigger_phrase': words.length > 0 ? words.join(', ') : undefined,
    'pigment.merge': JSON.stringify({ ...request, sources, error: report.error, energy: report.energy }),
    'pigment.trigger_words': words.length > 0 ? JSON.stringify(words) : undefined,
  }
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined))
}
